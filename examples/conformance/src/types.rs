//! Values that JSON does not have.

use devtools_runtime::{js, rpc_function};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collections {
    map: js::Map<String, u8>,
    set: js::Set<u8>,
    date: Option<js::Date>,
    big: js::BigInt,
    bytes: js::Bytes,
    nan: Option<f64>,
    negative_zero: f64,
    missing: js::Undefined,
}

/// One value of each type.
#[rpc_function(name = "conformance:collections", as = GetCollections, encoding = "structured-clone")]
fn collections() -> Collections {
    Collections {
        map: [("a".to_owned(), 1), ("b".to_owned(), 2)]
            .into_iter()
            .collect(),
        set: [1, 2, 3].into_iter().collect(),
        date: js::Date::from_millis(0),
        big: js::BigInt::from(1_i128 << 70),
        bytes: js::Bytes::from(vec![1, 2, 3]),
        nan: Some(f64::NAN),
        negative_zero: -0.0,
        missing: js::Undefined,
    }
}

/// Returns any value with its type unchanged.
#[rpc_function(encoding = "structured-clone")]
fn echo_clone(value: js::Value) -> js::Value {
    value
}

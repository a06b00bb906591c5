//! Structs of every form, empty and generic types, fields of any type in internal variants, and types in functions.
use std::fmt::{Debug, Display};

use devtools_runtime::{RemoteError, RpcError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

#[derive(Debug, thiserror::Error, RpcError)]
#[error("unit")]
struct Unit;

#[derive(Debug, thiserror::Error, RpcError)]
#[error("one")]
struct One(u8);

#[derive(Debug, thiserror::Error, RpcError)]
#[error("several")]
struct Several(u8, String);

#[derive(Debug, thiserror::Error, RpcError)]
#[serde(rename_all = "camelCase")]
#[error("named")]
struct Named {
    line_number: u8,
    #[serde(rename = "col")]
    column_number: Option<u8>,
}

#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(internal, code = "hidden")]
#[error("hidden")]
struct Hidden(Box<dyn std::error::Error + Send + Sync>, std::time::Instant);

#[derive(Debug, thiserror::Error, RpcError)]
enum Never {}

#[derive(Debug, thiserror::Error, RpcError)]
enum Open<T: Debug + Display + Serialize + DeserializeOwned + Send + Sync + 'static>
where
    T: Clone,
{
    #[error("{0} is not valid")]
    Invalid(T),
    #[error("nothing is valid")]
    Nothing {},
}

struct Guard;

impl Drop for Dropped {
    fn drop(&mut self) {
        drop(Guard);
    }
}

#[derive(Debug, thiserror::Error, RpcError)]
#[error("dropped")]
struct Dropped {
    at: u8,
}

/// A type that is also serializable, with a form of its own.
#[derive(Debug, thiserror::Error, RpcError, Serialize, serde::Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "SCREAMING_SNAKE_CASE"
)]
enum Both {
    #[error("too deep")]
    #[serde(rename = "deep")]
    TooDeep { max_depth: u8 },
    #[serde(rename_all = "kebab-case")]
    #[error("too wide")]
    TooWide { max_width: u8 },
}

fn check(error: impl RpcError, code: &str, message: &str, data: serde_json::Value) {
    let error = RemoteError::from(error);
    assert_eq!(error.code.as_deref(), Some(code));
    assert_eq!(error.message, message);
    assert_eq!(error.data.unwrap_or_default(), data);
}

#[test]
fn accepted() {
    #[derive(Debug, thiserror::Error, RpcError)]
    #[error("inner")]
    struct Inner;

    check(Inner, "inner", "inner", json!(null));
    check(Unit, "unit", "unit", json!(null));
    check(One(1), "one", "one", json!(1));
    check(
        Several(1, "a".into()),
        "several",
        "several",
        json!([1, "a"]),
    );
    let named = Named {
        line_number: 1,
        column_number: None,
    };
    check(
        named,
        "named",
        "named",
        json!({ "lineNumber": 1, "col": null }),
    );
    let hidden = Hidden("secret".into(), std::time::Instant::now());
    check(hidden, "hidden", "internal error", json!(null));
    check(Open::Invalid(1), "invalid", "1 is not valid", json!(1));
    check(
        Open::<u8>::Nothing {},
        "nothing",
        "nothing is valid",
        json!(null),
    );
    check(Dropped { at: 1 }, "dropped", "dropped", json!({ "at": 1 }));
    check(
        Both::TooDeep { max_depth: 1 },
        "too-deep",
        "too deep",
        json!({ "MAX_DEPTH": 1 }),
    );
    check(
        Both::TooWide { max_width: 1 },
        "too-wide",
        "too wide",
        json!({ "max-width": 1 }),
    );
    drop(None::<Never>);
}

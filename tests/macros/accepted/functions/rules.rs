//! With the feature `validate`: types with rules, and types that have never heard of them.

use std::collections::BTreeMap;

use devtools_runtime::{DevToolsContext, RpcFunction, Setup, rpc_function};
use serde::{Deserialize, Serialize};

/// Has rules.
#[derive(Serialize, Deserialize, garde::Validate)]
struct Strict {
    #[garde(range(max = 5))]
    size: u8,
}

/// Has none.
#[derive(Serialize, Deserialize)]
struct Plain {
    size: u8,
}

/// Has a method of the name.
impl Plain {
    fn validate(&self) -> bool {
        self.size < 5
    }
}

/// Has rules that want to know more.
#[derive(Serialize, Deserialize, garde::Validate)]
#[garde(context(u8))]
struct InContext {
    #[garde(skip)]
    size: u8,
}

#[rpc_function]
fn both(strict: Strict, plain: Plain, others: Vec<Plain>, more: Option<Strict>) -> Plain {
    let more = more.map_or(0, |strict| strict.size);
    Plain {
        size: strict.size
            + plain.size
            + others.iter().filter(|plain| plain.validate()).count() as u8
            + more,
    }
}

#[rpc_function]
async fn of_map(map: BTreeMap<String, Plain>, value: InContext) -> Result<Strict, std::fmt::Error> {
    let size = map.len() as u8 + value.size;
    Ok(Strict { size })
}

#[rpc_function(setup)]
fn set_up(_ctx: &DevToolsContext) -> Setup<fn(strict: Strict) -> Vec<Plain>> {
    Setup::handler(|strict: Strict| vec![Plain { size: strict.size }])
}

#[rpc_function(kind = "action", side = "client")]
async fn declared(strict: Strict) -> Strict;

#[test]
fn accepted() {
    assert_eq!(<Both as RpcFunction>::PARAMETERS.len(), 4);
}

//! A function that is configured out takes everything it generated along.

#![deny(warnings, dead_code, unused_imports)]

use devtools_runtime::{FunctionKind, rpc_function};

#[rpc_function(name = "conditional:get-data", kind = "query")]
#[cfg(not(any()))]
fn get_data() -> u8 {
    1
}

#[rpc_function(name = "conditional:get-data", kind = "action")]
#[cfg(any())]
fn get_data() -> missing::Type {
    missing::value()
}

#[cfg(any())]
#[rpc_function(name = "conditional:gone")]
fn gone() -> missing::Type {
    missing::value()
}

#[rpc_function(name = "conditional:old")]
#[deprecated = "there is a new one"]
fn old() -> u8 {
    2
}

#[test]
fn accepted() {
    assert_eq!(GetData::KIND, FunctionKind::Query);
    assert_eq!(get_data(), 1);
}

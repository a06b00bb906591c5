//! The attribute with nothing in it, in any order, with commas at the end, by path and by alias.

#![deny(warnings)]

use devtools_runtime::{FunctionKind, Side, rpc_function as rpc};

#[rpc]
fn bare() {}

#[rpc()]
fn empty() {}

#[rpc {
    kind = "action",
}]
fn braces() {}

#[rpc[as = Ordered, side = "client", kind = "event", name = r"forms:a:b-2:c",]]
async fn brackets();

#[::devtools_runtime::rpc_function(name = "forms:by-path")]
fn by_path() -> () {}

#[test]
fn accepted() {
    let package = env!("CARGO_PKG_NAME");
    assert_eq!(Bare::NAME, format!("{package}:bare"));
    assert_eq!(Empty::NAME, format!("{package}:empty"));
    assert_eq!(Braces::KIND, FunctionKind::Action);
    assert_eq!(Ordered::NAME, "forms:a:b-2:c");
    assert_eq!(Ordered::definition().side(), Side::Client);
    assert_eq!(ByPath::NAME, "forms:by-path");
}

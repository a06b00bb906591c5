//! Attributes above and below stay the function's own.

#![deny(warnings)]

use devtools_runtime::{PluginState, rpc_function};

/// Said above.
#[must_use]
#[rpc_function(name = "beside:above-and-below")]
/// Said below.
#[inline]
#[track_caller]
fn above_and_below() -> u8 {
    1
}

#[rpc_function(name = "beside:expected")]
#[expect(unused_variables, reason = "nothing is done with it")]
async fn expected(id: String) {}

#[rpc_function(name = "beside:hidden")]
#[doc(hidden)]
#[doc(alias = "covered")]
#[cold]
fn hidden() {}

#[rpc_function(name = "beside:allowed")]
#[allow(non_snake_case, reason = "that is what it is called elsewhere")]
fn allowed(someName: String, #[allow(unused_variables, reason = "as above")] other: u8) -> String {
    someName
}

#[derive(PluginState, Clone, Debug, Default)]
#[non_exhaustive]
struct State {
    #[allow(dead_code, reason = "nobody reads it")]
    value: u8,
}

#[test]
fn accepted() {
    let definition = AboveAndBelow::definition();
    assert_eq!(definition.description(), "Said above.\nSaid below.");
    assert_eq!(Hidden::definition().description(), "");
    assert_eq!(above_and_below(), 1);
    assert_eq!(Expected::NAME, "beside:expected");
    assert_eq!(Allowed::definition().parameters()[0].name, "someName");
    drop(State::default());
}

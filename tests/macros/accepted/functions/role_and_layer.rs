//! The options `role` and `layer`, on every kind that may have them.

use devtools_runtime::layers::{LayerCall, LayerResult, Next};
use devtools_runtime::{FunctionKind, Setup, rpc_function};

mod checks {
    use devtools_runtime::layers::{LayerCall, LayerFuture, Next};

    /// A layer without `async`, in another module.
    pub fn boxed(call: LayerCall, next: Next) -> LayerFuture {
        Box::pin(next.run(call))
    }
}

async fn log_calls(call: LayerCall, next: Next) -> LayerResult {
    next.run(call).await
}

#[rpc_function(name = "role-and-layer:find", role = "admin", layer = log_calls)]
fn find() -> u8 {
    1
}

#[rpc_function(name = "role-and-layer:reset", kind = "action", role = "admin", layer = checks::boxed)]
async fn reset() {}

/// An event may have both: a call without the role does nothing.
#[rpc_function(name = "role-and-layer:changed", kind = "event", role = "admin", layer = self::log_calls)]
fn changed(_file: String) {}

/// A layer changes no result, so a function that is dumped may have one.
#[rpc_function(name = "role-and-layer:get-config", kind = "static", layer = super::role_and_layer::log_calls)]
fn get_config() -> u8 {
    1
}

#[rpc_function(name = "role-and-layer:get-path", setup, role = "admin", layer = log_calls)]
fn get_path() -> Setup<fn(String) -> String> {
    Setup::handler(|file: String| file)
}

#[test]
fn accepted() {
    changed(String::new());
    assert_eq!((find(), get_config()), (1, 1));
    assert_eq!(Find::definition().role(), Some("admin"));
    assert_eq!(Reset::definition().role(), Some("admin"));
    assert_eq!(Changed::KIND, FunctionKind::Event);
    assert_eq!(Changed::definition().role(), Some("admin"));
    assert_eq!(GetPath::definition().role(), Some("admin"));
    assert_eq!(GetConfig::definition().role(), None);
}

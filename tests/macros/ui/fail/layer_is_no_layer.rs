//! The option `layer` names a function of another signature.

use devtools_runtime::layers::{LayerCall, LayerResult, Next};
use devtools_runtime::rpc_function;

async fn only_the_call(_call: LayerCall) -> LayerResult {
    Err("not now".into())
}

#[rpc_function(name = "my-plugin:reset", kind = "action", layer = only_the_call)]
fn reset() {}

async fn returns_nothing(call: LayerCall, next: Next) {
    drop(next.run(call).await);
}

#[rpc_function(name = "my-plugin:restart", kind = "action", layer = returns_nothing)]
fn restart() {}

#[rpc_function(name = "my-plugin:stop", kind = "action", layer = no_such_function)]
fn stop() {}

fn main() {
    reset();
    restart();
    stop();
}

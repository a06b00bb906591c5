//! The types that the handler takes and returns must travel.

use devtools_runtime::{Setup, rpc_function};

struct Hit;

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Setup<fn(String) -> Hit> {
    Setup::handler(|_: String| Hit)
}

fn main() {
    let _ = find();
}

//! A setup runs once; what blocks at each call is its handler.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup, blocking)]
fn find() -> Setup<fn(String) -> usize> {
    Setup::handler(|text: String| text.len())
}

fn main() {
    let _ = find();
}

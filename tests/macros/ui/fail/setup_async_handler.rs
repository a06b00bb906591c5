//! A handler that waits is another method.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Setup<fn(String) -> usize> {
    Setup::handler(|text: String| async move { text.len() })
}

fn main() {
    let _ = find();
}

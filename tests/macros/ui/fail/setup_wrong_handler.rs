//! A handler is of the types that the signature says.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Setup<fn(String) -> usize> {
    Setup::handler(|text: String| text)
}

#[rpc_function(name = "my-plugin:count", setup)]
fn count() -> Setup<fn(String) -> usize> {
    Setup::handler(|text: String, from: usize| text.len() - from)
}

fn main() {
    let _ = (find(), count());
}

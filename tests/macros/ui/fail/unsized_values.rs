//! The arguments of a caller have a size.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:count")]
fn count(items: [u8]) -> usize {
    items.len()
}

#[rpc_function(name = "my-plugin:parse")]
fn parse(text: str) -> usize {
    text.len()
}

fn main() {}

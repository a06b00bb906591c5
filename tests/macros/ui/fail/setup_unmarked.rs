//! A function that is written as a setup, without saying so.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find")]
async fn find() -> Setup<fn(String) -> usize> {
    Setup::handler(|text: String| text.len())
}

fn main() {
    drop(find());
}

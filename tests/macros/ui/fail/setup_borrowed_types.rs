//! The values that a handler takes and returns travel, so they are owned.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
async fn find() -> Setup<fn(text: &str, &[u8]) -> &'static str> {
    Setup::handler(|_, _| "")
}

fn main() {
    println!("still a function");
}

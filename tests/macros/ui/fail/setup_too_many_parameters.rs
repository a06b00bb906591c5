//! A handler takes as many parameters as any function.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:add", setup)]
fn add() -> Result<Setup<fn(u8, u8, u8, u8, u8, u8, u8, u8, ninth: u8) -> u8>, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn main() {}

//! The type of a handler is that of a plain function.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Result<Setup<unsafe fn(String) -> usize>, std::fmt::Error> {
    Err(std::fmt::Error)
}

#[rpc_function(name = "my-plugin:count", setup)]
fn count() -> Result<Setup<extern "C" fn(u8) -> usize>, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn main() {}

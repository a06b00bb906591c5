//! The attribute goes on a function, not on a value that can be called.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data")]
const GET_DATA: fn() -> u8 = || 1;

#[rpc_function(name = "my-plugin:get-more")]
static GET_MORE: fn() -> u8 = || 2;

#[rpc_function(name = "my-plugin:alias")]
use std::time::Instant;

fn main() {
    println!("{} {} {:?}", GET_DATA(), GET_MORE(), Instant::now());
}

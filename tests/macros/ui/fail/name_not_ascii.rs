//! Names on the wire are ASCII.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:größe")]
fn get_size() -> u8 {
    1
}

#[rpc_function(name = "плагин:get-size")]
fn get_width() -> u8 {
    2
}

#[rpc_function]
fn länge() -> u8 {
    3
}

fn main() {
    println!("{} {} {}", get_size(), get_width(), länge());
}

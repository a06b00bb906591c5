//! A declaration is checked as a function with a body is.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:update", side = "client", kind = "evnt")]
pub async fn update(text: &str, _: u8) -> &str;

fn main() {
    println!("{}", Update::NAME);
}

//! A declaration says what travels; how it runs is said where it has a body.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:scan", timeout = "5s", blocking)]
fn scan(folder: String) -> usize;

#[rpc_function(name = "my-plugin:list", snapshot)]
async fn list() -> Vec<String>;

#[rpc_function(name = "my-plugin:find", setup)]
async fn find() -> devtools_runtime::Setup<fn(String) -> usize>;

fn main() {
    println!("{}", Scan::NAME);
}

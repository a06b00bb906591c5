//! A timeout is a whole number and its unit.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:a", timeout = "5")]
async fn a() {}

#[rpc_function(name = "my-plugin:b", timeout = "soon")]
async fn b() {}

#[rpc_function(name = "my-plugin:c", timeout = "0s")]
async fn c() {}

#[rpc_function(name = "my-plugin:d", timeout = "5 sec")]
async fn d() {}

#[rpc_function(name = "my-plugin:e", timeout = 5)]
async fn e() {}

fn main() {
    drop((a(), b(), c(), d(), e()));
}

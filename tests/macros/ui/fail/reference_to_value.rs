//! A reference to something that callers pass.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: &String, depth: &u32) -> usize {
    id.len() + *depth as usize
}

fn main() {
    drop(GetModule::definition());
}

//! A callback cannot travel.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:each")]
async fn each(visit: fn(u8) -> bool) -> bool {
    visit(1)
}

fn main() {
    drop(Each::definition());
}

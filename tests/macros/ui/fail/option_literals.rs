//! Options whose value is a literal of another kind.

use devtools_runtime::rpc_function;

#[rpc_function(name = 5, kind = true)]
async fn get_data() {}

#[rpc_function(name = b"my-plugin:get-more", side = 'c')]
async fn get_more() {}

#[rpc_function(as = 5, crate = "devtools_runtime")]
async fn get_rest() {}

fn main() {
    drop(get_data());
    drop(get_more());
    drop(get_rest());
}

//! A function whose type has the name of another type of the module.

use devtools_runtime::rpc_function;

struct Ping;

#[rpc_function(name = "my-plugin:ping")]
async fn ping() -> bool {
    true
}

fn main() {
    drop(ping());
    drop(Ping);
}

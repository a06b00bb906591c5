//! A value that can be neither written nor read.
use devtools_runtime::rpc_shared_state;

struct Steps;

#[rpc_shared_state(name = "my-plugin:progress")]
struct Progress(Steps);

fn main() {}

//! Options that are no options, or have no such value.
use devtools_runtime::rpc_shared_state;

#[rpc_shared_state(name = "progress", patches = true)]
struct Progress(u32);

#[rpc_shared_state(nane = "my-plugin:log", patches, patches)]
struct Log(Vec<String>);

#[rpc_shared_state(name = "my-plugin:", replay = 3)]
struct Kept(String);

fn main() {}

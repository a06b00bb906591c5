//! Options that are no options, or have no such value.
use devtools_runtime::rpc_channel;

#[rpc_channel(name = "chat", replay = "many")]
struct Chat(String);

#[rpc_channel(nane = "my-plugin:log", encoding = "clone")]
struct Log(String);

#[rpc_channel(name = "my-plugin:", name = "my-plugin:two")]
struct Twice(String);

#[rpc_channel(name = "my-plugin:kept", retention = "30s", replay = 1.5)]
struct Kept(String);

fn main() {}

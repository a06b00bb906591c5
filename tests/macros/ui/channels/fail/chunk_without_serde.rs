//! A chunk that can be neither written nor read.
use devtools_runtime::rpc_channel;

struct Token;

#[rpc_channel(name = "my-plugin:chat")]
struct Chat(Token);

fn main() {}

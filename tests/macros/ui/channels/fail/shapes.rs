//! A channel without the type of its chunks, and items that are not structs.
use devtools_runtime::rpc_channel;

#[rpc_channel(name = "my-plugin:chat")]
struct Chat;

#[rpc_channel(name = "my-plugin:fields")]
struct Fields {
    text: String,
}

#[rpc_channel(name = "my-plugin:two")]
struct Two(String, u32);

#[rpc_channel(name = "my-plugin:generic")]
struct Generic<T>(T);

#[rpc_channel(name = "my-plugin:kinds")]
enum Kinds {
    One(String),
}

fn main() {}

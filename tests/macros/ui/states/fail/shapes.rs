//! A state without the type of its value, and items that are not structs.
use devtools_runtime::rpc_shared_state;

#[rpc_shared_state(name = "my-plugin:progress")]
struct Progress;

#[rpc_shared_state(name = "my-plugin:fields")]
struct Fields {
    done: u32,
}

#[rpc_shared_state(name = "my-plugin:two")]
struct Two(String, u32);

#[rpc_shared_state(name = "my-plugin:generic")]
struct Generic<T>(T);

#[rpc_shared_state(name = "my-plugin:kinds")]
enum Kinds {
    One(String),
}

fn main() {}

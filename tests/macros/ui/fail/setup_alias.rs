//! The handler's types are read from the signature, where an alias hides them.

use devtools_runtime::{Setup, rpc_function};

type Find = Setup<fn(String) -> usize>;

#[rpc_function(name = "my-plugin:find", as = FindText, setup)]
async fn find() -> Find {
    Setup::handler(|text: String| text.len())
}

fn main() {
    drop(find());
}

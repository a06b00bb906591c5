//! A setup runs before there is a call, so that nothing can come from the caller.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "my-plugin:find", setup)]
async fn find(folder: String) -> Setup<fn(String) -> usize> {
    Setup::handler(move |text: String| folder.len() + text.len())
}

fn main() {
    drop(find(String::new()));
}

//! Nobody waits for an event, so it has no result.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:file-changed", kind = "event")]
async fn file_changed(path: String) -> bool {
    path.is_empty()
}

#[rpc_function(name = "my-plugin:refreshed", kind = "event", side = "client")]
async fn refreshed() -> Result<(), std::io::Error>;

fn main() {
    drop(file_changed(String::new()));
}

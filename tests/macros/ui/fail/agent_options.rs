//! The options of the option `agent`.

use devtools_runtime::rpc_function;

/// Reads a file.
#[rpc_function(name = "my-plugin:read", agent(saftey = "read", tags = "files"))]
async fn read(path: String) -> String {
    path
}

/// Removes a file.
#[rpc_function(
    name = "my-plugin:remove",
    agent(safety = "dangerous", title = 5),
    kind = "action"
)]
async fn remove(path: String) {
    drop(path);
}

/// Writes a file.
#[rpc_function(name = "my-plugin:write", agent = true, kind = "action")]
async fn write(path: String) {
    drop(path);
}

fn main() {
    drop((
        read(String::new()),
        remove(String::new()),
        write(String::new()),
    ));
}

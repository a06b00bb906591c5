//! A name that a list of another module has not.

use devtools_runtime::{DevToolsRpcClient, call};

pub mod api {
    use devtools_runtime::{rpc_function, rpc_functions};

    #[rpc_function(name = "my-plugin:read-file")]
    pub async fn read_file(path: String) -> String;

    rpc_functions! {
        /// The functions of the server.
        pub struct ServerFunctions { ReadFile }
    }
}

async fn show(rpc: DevToolsRpcClient<api::ServerFunctions>) {
    let file = call!(rpc, "my-plugin:read-files", "a").await.unwrap();
    println!("{}", file.content.len());
}

fn main() {}

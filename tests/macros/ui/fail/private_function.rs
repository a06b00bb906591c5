//! The identity of a private function is private.

use devtools_runtime::{DevToolsRpcClient, rpc_function};

mod functions {
    use super::rpc_function;

    #[rpc_function(name = "my-plugin:get-data")]
    async fn get_data() -> u8 {
        1
    }
}

async fn show(rpc: &DevToolsRpcClient) {
    let _ = functions::GetData::call(rpc).await;
}

fn main() {}

//! A mistake in a function that has a file of its own: nothing else is reported where it is used.

use devtools_runtime::DevToolsRpcClient;

mod get_data {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "my-plugin:get-data", kind = "fetch")]
    pub async fn get_data(id: String) -> String {
        id
    }
}

pub use get_data::GetData;

pub async fn show(rpc: &DevToolsRpcClient) {
    println!("{:?}", GetData::call(rpc, "/").await);
}

fn main() {
    println!("{}", GetData::NAME);
}

//! A function has one list of parameters, whatever is configured.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data(id: String, #[cfg(any())] drive: char) -> String {
    id
}

fn main() {
    drop(get_data(String::new()));
}

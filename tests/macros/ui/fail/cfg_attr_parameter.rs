//! A parameter cannot depend on a condition by a detour either.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-data")]
async fn get_data(id: String, #[cfg_attr(all(), cfg(any()))] drive: char) -> String {
    id
}

fn main() {
    drop(get_data(String::new()));
}

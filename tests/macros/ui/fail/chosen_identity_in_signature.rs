//! A chosen name is not one of the signature either.

use devtools_runtime::rpc_function;

mod api {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Module;
}

use api::Module;

#[rpc_function(name = "my-plugin:get-module", as = Module)]
async fn get_module(id: String) -> Vec<Module> {
    drop(id);
    vec![Module]
}

fn main() {
    drop(get_module(String::new()));
}

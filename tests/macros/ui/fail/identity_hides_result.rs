//! A function whose type would have the name of a type in its signature.

use devtools_runtime::rpc_function;

mod api {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Config;
}

use api::Config;

#[derive(serde::Serialize, serde::Deserialize)]
struct Module {
    id: String,
}

#[rpc_function(name = "my-plugin:module")]
async fn module(id: String) -> Option<Module> {
    Some(Module { id })
}

#[rpc_function(name = "my-plugin:config", kind = "action")]
async fn config(config: Config) {
    drop(config);
}

fn main() {
    drop(module(String::new()));
    drop(config(Config));
}

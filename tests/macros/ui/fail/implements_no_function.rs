//! The option `implements` names the type of a declaration.

use devtools_runtime::rpc_function;

mod api {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "api:get-size")]
    pub async fn get_size(id: String, scale: Option<u32>) -> Result<u64, std::fmt::Error>;

    #[rpc_function(name = "api:log", kind = "event")]
    pub async fn log(line: String);

    #[rpc_function(name = "api:update", kind = "action", side = "client")]
    pub async fn update() -> bool;

    #[rpc_function(name = "api:save", kind = "action")]
    pub async fn save() -> bool;
}

struct GetData;

#[rpc_function(implements = crate::GetData, as = GetDataHere)]
async fn get_data(id: String) -> String {
    id
}

#[rpc_function(implements = "api::Save")]
async fn save() -> bool {
    true
}

fn main() {
    drop(get_data(String::new()));
    drop(save());
}

//! The declaration alone has the options that callers see.

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

/// Gets a size.
#[rpc_function(
    implements = api::GetSize,
    name = "my-plugin:get-size",
    kind = "action",
    encoding = "json",
    cacheable,
    title = "Size",
    agent,
)]
async fn get_size(id: String, _scale: Option<u32>) -> Result<u64, std::fmt::Error> {
    Ok(id.len() as u64)
}

fn main() {
    drop(get_size(String::new(), None));
}

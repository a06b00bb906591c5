//! References are injected; what comes from the caller is owned.

use std::borrow::Cow;

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:get-module")]
async fn get_module(id: &str, plugins: &[String]) -> usize {
    id.len() + plugins.len()
}

#[rpc_function(name = "my-plugin:find")]
async fn find(pattern: Option<&str>, root: Cow<'_, str>) -> usize {
    pattern.map_or(0, str::len) + root.len()
}

fn main() {
    drop(get_module("", &[]));
    drop(find(None, Cow::Borrowed("")));
}

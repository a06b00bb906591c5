//! The mark of a parameter goes where it says something.

use devtools_runtime::{DevToolsContext, Setup, rpc_function};

mod api {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "api:find")]
    pub fn find(#[rpc(nullable)] filter: Option<String>, limit: usize) -> usize;
}

#[rpc_function(name = "my-plugin:last")]
fn last(id: String, #[rpc(nullable)] deep: Option<bool>) -> String {
    drop(deep);
    id
}

#[rpc_function(name = "my-plugin:required")]
fn required(#[rpc(nullable)] id: String, deep: bool) -> String {
    drop(deep);
    id
}

#[rpc_function(name = "my-plugin:reference")]
fn reference(#[rpc(nullable)] ctx: &DevToolsContext) -> bool {
    ctx.cwd().is_dir()
}

#[rpc_function(implements = api::Find, as = FindHere)]
fn find(#[rpc(nullable)] filter: Option<String>, limit: usize) -> usize {
    drop(filter);
    limit
}

#[rpc_function(name = "my-plugin:misspelt")]
fn misspelt(#[rpc(nulable)] filter: Option<String>, #[rpc(optional)] limit: usize) -> usize {
    drop(filter);
    limit
}

#[rpc_function(name = "my-plugin:form")]
fn form(#[rpc] a: Option<u8>, #[rpc = "nullable"] b: Option<u8>, #[rpc(nullable = true)] c: Option<u8>, d: u8) {
    drop((a, b, c, d));
}

#[rpc_function(name = "my-plugin:set-up", setup)]
fn set_up() -> Setup<fn(#[rpc(nullable)] filter: Option<String>, usize) -> usize> {
    Setup::handler(|_: Option<String>, limit: usize| limit)
}

fn main() {
    drop(last(String::new(), None));
    drop(required(String::new(), true));
    drop(find(None, 1));
    drop(misspelt(None, 1));
    form(None, None, None, 1);
    drop(set_up());
}

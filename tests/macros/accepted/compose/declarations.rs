//! A client's side: a list of declarations alone, and one of what the client itself has.

#![deny(warnings)]

use devtools_runtime::client::ConnectError;
use devtools_runtime::{CallError, DevToolsRpcClient, RpcSession, call};

/// A library of declarations.
pub mod api {
    use devtools_runtime::{rpc_function, rpc_functions};

    #[rpc_function(name = "api:get-module")]
    pub async fn get_module(id: String) -> Option<String>;

    #[rpc_function(name = "api:reset", kind = "action")]
    pub async fn reset();

    #[rpc_function(name = "api:highlight", kind = "action", side = "client")]
    pub async fn highlight(selector: String) -> bool;

    #[rpc_function(name = "api:refresh", kind = "event", side = "client")]
    pub async fn refresh(ids: Vec<String>);

    rpc_functions! {
        /// The functions of the server.
        pub struct ServerFunctions { GetModule, Reset }
    }
    rpc_functions! {
        /// The functions of each client.
        pub struct ClientFunctions { Highlight, Refresh }
    }
}

pub async fn connect(url: &str) -> Result<DevToolsRpcClient<api::ServerFunctions>, ConnectError> {
    DevToolsRpcClient::<api::ServerFunctions>::connect(url).await
}

pub async fn use_it(rpc: &DevToolsRpcClient<api::ServerFunctions>) -> Result<usize, CallError> {
    call!(rpc, "api:reset").await?;
    let module = call!(rpc, "api:get-module", "/").await?;
    Ok(module.map_or(0, |module| module.len()))
}

pub async fn tell(session: &RpcSession) -> bool {
    let client = session.with_functions::<api::ClientFunctions>();
    call!(client, "api:refresh", vec!["/".to_owned()])
        .await
        .unwrap();
    call!(client, "api:highlight", "#app").await.unwrap()
}

pub async fn without_list(url: &str) -> Result<DevToolsRpcClient, ConnectError> {
    let rpc = DevToolsRpcClient::connect(url).await?;
    drop(api::GetModule::call(&rpc, "/"));
    Ok(rpc)
}

#[test]
fn accepted() {}

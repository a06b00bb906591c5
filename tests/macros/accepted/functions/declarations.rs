//! A function without a body is a declaration: it is checked and called, and runs elsewhere.

#![deny(warnings, dead_code, missing_docs)]

use devtools_runtime::{FunctionKind, Side, rpc_function};

/// Lives in another program.
#[rpc_function(name = "declared:get-module")]
pub async fn get_module(id: String, deep: Option<bool>) -> Result<Vec<String>, std::fmt::Error>;

/// Lives in every panel.
#[rpc_function(name = "declared:update", kind = "action", side = "client")]
pub async fn update(text: String) -> bool;

#[rpc_function(name = "declared:refresh", kind = "event", side = "client")]
async fn refresh();

// Not even its types are used for anything else.
#[rpc_function(name = "declared:unused", side = "client")]
async fn unused(what: What) -> What;

#[derive(serde::Serialize, serde::Deserialize)]
struct What;

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let definition = GetModule::definition();
    let names: Vec<&str> = definition
        .parameters()
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    assert_eq!(names, ["id", "deep"]);
    assert_eq!(definition.side(), Side::Server);
    assert_eq!(Update::definition().side(), Side::Client);
    assert_eq!(Refresh::KIND, FunctionKind::Event);

    let devtools = crate::builder().build().await?;
    assert_eq!(Refresh::broadcast(devtools.context()).await?, 0);
    assert!(
        GetModule::call(&devtools.client(), "/", None)
            .await
            .is_err()
    );
    Ok(())
}

//! The arguments that callers may pass, with nothing said about types.

use std::path::PathBuf;

use devtools_runtime::{DevToolsRpcClient, rpc_function};

#[rpc_function(name = "arguments:join")]
async fn join(
    root: String,
    names: Vec<PathBuf>,
    limit: Option<u64>,
    title: Option<String>,
) -> Vec<String> {
    let limit = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let names = names
        .iter()
        .map(|name| name.display().to_string())
        .take(limit);
    [root].into_iter().chain(title).chain(names).collect()
}

async fn call(rpc: &DevToolsRpcClient) -> Result<Vec<String>, devtools_runtime::CallError> {
    let owned = String::from("/");
    let _ = Join::call(rpc, &owned, Vec::new(), None, None).await?;
    let _ = Join::call(rpc, owned, Vec::default(), Some(1), Some("title".into())).await?;
    Join::call(
        rpc,
        "/",
        ["a", "b"].iter().map(PathBuf::from).collect(),
        Some(1),
        None,
    )
    .await
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    assert_eq!(call(&devtools.client()).await?, ["/", "a"]);
    Ok(())
}

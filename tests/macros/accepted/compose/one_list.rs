//! One list: its functions are called by name, with the arguments and results of each.

#![deny(warnings, missing_docs)]
#![deny(missing_debug_implementations, unreachable_pub)]

use devtools_runtime::{CallError, DevToolsRpcClient, call, rpc_function, rpc_functions};

/// A module.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Module {
    id: String,
}

/// The facts about a module.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Options {
    upper: bool,
}

/// Looks a module up.
#[rpc_function(name = "one-list:get-module")]
pub async fn get_module(id: String, options: Option<Options>) -> Option<Module> {
    let upper = options.is_some_and(|options| options.upper);
    let id = if upper { id.to_uppercase() } else { id };
    Some(Module { id })
}

/// Adds.
#[rpc_function(name = "one-list:add", kind = "action")]
pub fn add(a: i64, b: i64) -> i64 {
    a + b
}

/// Joins.
#[rpc_function(name = "one-list:join")]
pub fn join(parts: Vec<String>, with: Option<char>) -> String {
    parts.join(&with.map(String::from).unwrap_or_default())
}

/// Constant.
#[rpc_function(name = "one-list:get-version", kind = "static")]
pub fn get_version() -> u32 {
    3
}

/// Nobody hears it.
#[rpc_function(name = "one-list:log", kind = "event")]
pub fn log(line: String) {
    drop(line);
}

rpc_functions! {
    /// Everything there is.
    pub struct Functions {
        GetModule,
        Add,
        Join,
        GetVersion,
        Log,
    }
}

async fn with_reference(rpc: &DevToolsRpcClient<Functions>) -> Result<i64, CallError> {
    let two = || async { 2_i64 };
    let both = call!(
        rpc,
        "one-list:add",
        two().await,
        call!(rpc, "one-list:add", 1, 1).await?
    );
    both.await
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client().with_functions::<Functions>();

    let id: &str = "a";
    let module = call!(rpc, "one-list:get-module", id, None).await?;
    assert_eq!(module.map(|module| module.id).as_deref(), Some("a"));
    let module = call!(
        rpc,
        "one-list:get-module",
        "a",
        Some(Options { upper: true })
    )
    .await?;
    assert_eq!(module, Some(Module { id: "A".to_owned() }));

    // Expected types reach the arguments.
    let joined = call!(
        rpc,
        "one-list:join",
        ["a", "b"].into_iter().map(Into::into).collect(),
        Some('/'),
    )
    .await?;
    assert_eq!(joined, "a/b");
    assert_eq!(
        call!(rpc, "one-list:join", Default::default(), None).await?,
        ""
    );

    assert_eq!(call!(rpc, "one-list:get-version").await?, 3);
    call!(rpc, "one-list:log", "a line").await?;
    assert_eq!(with_reference(&rpc).await?, 4);

    // A call is a value, and borrows nothing.
    let adding = call!(rpc.with_functions::<(Functions,)>(), "one-list:add", 2, 3);
    assert_eq!(tokio::spawn(adding).await??, 5);
    let shared = std::sync::Arc::new(rpc);
    assert_eq!(call!(shared, "one-list:add", 2, 3).await?, 5);
    // The functions' own types take it too.
    assert_eq!(Add::call(&*shared, 2, 3).await?, 5);
    Ok(())
}

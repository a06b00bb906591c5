//! The functions, called through a client in memory as a panel calls them.

use std::error::Error;

use devtools_runtime::{CallError, call};
use {{crate_name}}::program;
use {{crate_name}}::rpc::ToolFunctions;

#[tokio::test]
async fn an_entry_that_was_added_is_listed() -> Result<(), Box<dyn Error>> {
    let devtools = program().build().await?;
    let rpc = devtools.client().with_functions::<ToolFunctions>();
    let added = call!(rpc, "{{project-name}}:add-entry", " first ").await?;
    assert_eq!((added.number, &*added.text), (1, "first"));
    assert_eq!(call!(rpc, "{{project-name}}:get-entries").await?, [added]);
    Ok(())
}

#[tokio::test]
async fn an_empty_entry_has_a_code() -> Result<(), Box<dyn Error>> {
    let devtools = program().build().await?;
    let rpc = devtools.client();
    let refused = rpc.call_dynamic::<()>("{{project-name}}:add-entry", ("",)).await;
    let Err(CallError::Remote(error)) = refused else {
        panic!("it was added");
    };
    assert_eq!(error.code.as_deref(), Some("empty"));
    Ok(())
}

/// `cargo run -- types --out panel/rpc.d.ts` writes the file.
#[tokio::test]
async fn the_types_of_the_panel_are_up_to_date() -> Result<(), Box<dyn Error>> {
    program().build().await?.assert_typescript("panel/rpc.d.ts");
    Ok(())
}

//! Modules may have the names of the crates that the expansion uses.

#[allow(dead_code, reason = "they are there to be found by mistake")]
mod all {
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod serde {}
    pub mod serde_json {}
    pub mod inventory {}
    pub mod devtools_runtime {}
    pub mod devtools_macros {}
    pub mod __private {}
}

#[allow(unused_imports, reason = "they are there to be found by mistake")]
use all::*;

use ::devtools_runtime::{DevToolsContext, PluginState, rpc_function};

#[allow(dead_code, reason = "nobody reads it")]
#[derive(PluginState)]
struct Hits(u64);

#[rpc_function(name = "crates:get-hits")]
fn get_hits(ctx: &DevToolsContext, more: Option<u64>) -> Result<u64, ::std::fmt::Error> {
    let _ = ctx.cwd();
    Ok(more.unwrap_or_default())
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn ::std::error::Error>> {
    let devtools = crate::builder().build().await?;
    assert_eq!(GetHits::call(&devtools.client(), Some(2)).await?, 2);
    Ok(())
}

//! Eight parameters from the wire, and references between them, in any order.

use devtools_runtime::{
    DevToolsContext, DevToolsPlugin, PluginState, RpcSession, SetupError, rpc_function,
};

#[derive(PluginState)]
struct Base(u8);

#[rpc_function(name = "many:sum")]
async fn sum(
    ctx: &DevToolsContext,
    a: u8,
    b: u8,
    session: &RpcSession,
    c: u8,
    d: u8,
    #[rpc(nullable)] e: Option<u8>,
    base: &Base,
    f: u8,
    g: u8,
    h: u8,
) -> u8 {
    let _ = (ctx.cwd(), session.id());
    base.0 + a + b + c + d + e.unwrap_or_default() + f + g + h
}

pub(crate) struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "many"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Base(100))?;
        Ok(())
    }
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let names: String = Sum::definition()
        .parameters()
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    assert_eq!(names, "abcdefgh");
    let sum = Sum::call(&devtools.client(), 1, 2, 3, 4, Some(5), 6, 7, 8).await?;
    assert_eq!(sum, 136);
    Ok(())
}

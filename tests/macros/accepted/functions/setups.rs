//! Setups, dumps and implementations where little of the language is in scope, and much of it is hidden.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, dead_code, missing_docs, unreachable_pub)]

/// Hides the standard one.
pub mod core {}
/// Hides the standard one.
pub mod std {}

/// Hides the standard one.
#[derive(::std::fmt::Debug, ::serde::Serialize, ::serde::Deserialize)]
pub struct Result;
/// Hides the one of the runtime.
pub struct Setup;

/// Declarations.
pub mod api {
    /// Finds something.
    #[::devtools_runtime::rpc_function(name = "api:find", cacheable)]
    pub async fn find(text: ::std::string::String, scope: u8) -> super::Result;
}

/// A setup whose handler takes parameters named like what is generated.
#[::devtools_runtime::rpc_function(name = "pass:count", setup, dump = dumps::count)]
pub async fn count(
    ctx: &::devtools_runtime::DevToolsContext,
) -> ::devtools_runtime::Setup<fn(scope: u8, setup: u8, r#type: u8, u8) -> u8> {
    let ctx = ::std::clone::Clone::clone(ctx);
    ::devtools_runtime::Setup::handler(move |a: u8, b: u8, c: u8, d: u8| {
        let _ = ctx.mode();
        a + b + c + d
    })
}

/// A setup that may fail, and neither is async nor takes anything.
#[::devtools_runtime::rpc_function(name = "pass:setup", as = ThisSetup, kind = "action", setup)]
fn setup() -> ::std::result::Result<
    ::devtools_runtime::Setup<fn() -> ::std::result::Result<Result, ::std::fmt::Error>>,
    ::devtools_runtime::SetupError,
> {
    ::std::result::Result::Ok(::devtools_runtime::Setup::async_handler(|| async {
        ::std::result::Result::Ok(Result)
    }))
}

/// Implements what is declared, on a thread of its own.
#[::devtools_runtime::rpc_function(
    implements = api::Find,
    blocking,
    timeout = "10s",
    dump = dumps::find,
)]
fn find(text: ::std::string::String, scope: u8) -> Result {
    ::std::mem::drop((text, scope));
    Result
}

/// Everything at once.
#[::devtools_runtime::rpc_function(
    name = "pass:list",
    snapshot,
    cacheable,
    title = "List",
    agent(safety = "read", title = "List everything", tags = ["list", "all"],),
    timeout = "1h",
)]
pub async fn list(scope: ::std::option::Option<u8>) -> ::std::option::Option<u8> {
    scope
}

mod dumps {
    use ::devtools_runtime::{DevToolsContext, Dump};

    type Find = Dump<(::std::string::String, u8), super::Result>;

    pub(super) fn count(_: &DevToolsContext) -> Dump<(u8, u8, u8, u8), u8> {
        Dump::inputs([(1, 2, 3, 4)]).fallback(0)
    }

    pub(super) async fn find(_: &DevToolsContext) -> ::std::result::Result<Find, ::std::io::Error> {
        ::std::result::Result::Ok(Dump::inputs([]))
    }
}

#[::core::prelude::v1::test]
fn accepted() {
    let mut runtime = ::tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(run());
}

async fn run() {
    let devtools = crate::builder().build().await;
    let devtools = devtools.unwrap();
    let ctx = devtools.context();
    ::std::assert_eq!(Count::invoke_local(ctx, 1, 2, 3, 4).await.unwrap(), 10);
    let _: Result = ThisSetup::invoke_local(ctx).await.unwrap();
    let _: Result = api::Find::call(&devtools.client(), "a", 1).await.unwrap();
    ::std::assert_eq!(
        List::invoke_local(ctx, ::std::option::Option::None)
            .await
            .unwrap(),
        ::std::option::Option::None
    );
    let _ = Find::invoke_local(ctx, "a", 1).await.unwrap();
    let _ = Setup;
}

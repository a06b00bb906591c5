//! A function fails with any error: of the standard library, derived, boxed, shared.

use std::error::Error;
use std::sync::Arc;

use devtools_runtime::{CallError, rpc_function};

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("cannot parse")]
    Parse(#[from] std::num::ParseIntError),
    #[error(transparent)]
    Other(#[from] std::fmt::Error),
}

#[derive(Debug, thiserror::Error)]
#[error("of {0:?}")]
struct Generic<T: std::fmt::Debug>(T);

#[rpc_function(name = "errors:standard")]
fn standard(text: String) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[rpc_function(name = "errors:io", kind = "action")]
async fn io() -> std::io::Result<()> {
    Err(std::io::ErrorKind::NotFound.into())
}

#[rpc_function(name = "errors:derived")]
async fn derived(text: String) -> Result<u8, ReadError> {
    if text.is_empty() {
        return Err(std::fmt::Error.into());
    }
    Ok(text.parse()?)
}

#[rpc_function(name = "errors:generic", as = OfGeneric)]
fn generic() -> Result<(), Generic<[u8; 2]>> {
    Err(Generic([1, 2]))
}

#[rpc_function(name = "errors:shared")]
fn shared() -> Result<(), Arc<ReadError>> {
    Err(Arc::new(std::fmt::Error.into()))
}

#[rpc_function(name = "errors:text")]
fn text() -> Result<u8, String> {
    Err("no".to_owned())
}

#[rpc_function(name = "errors:literal")]
async fn literal() -> Result<u8, &'static str> {
    Err("no")
}

#[rpc_function(name = "errors:boxed", public_errors)]
fn boxed() -> Result<u8, Box<dyn Error + Send + Sync>> {
    Err("no".into())
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync + 'static>>;

#[rpc_function(name = "errors:aliased")]
async fn aliased() -> Outcome<u8> {
    Err(std::fmt::Error.into())
}

#[rpc_function(name = "errors:never")]
fn never() -> Result<u8, std::convert::Infallible> {
    Ok(1)
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn Error>> {
    let devtools = crate::builder().build().await?;
    let ctx = devtools.context();
    let failed = Standard::invoke_local(ctx, "x").await;
    assert!(matches!(failed, Err(CallError::Function(_))));
    let failed = Io::invoke_local(ctx).await;
    assert!(
        matches!(failed, Err(CallError::Function(error)) if error.kind() == std::io::ErrorKind::NotFound)
    );
    let failed = Derived::invoke_local(ctx, "x").await;
    assert!(matches!(
        failed,
        Err(CallError::Function(ReadError::Parse(_)))
    ));
    let failed = Derived::invoke_local(ctx, "").await;
    assert!(matches!(
        failed,
        Err(CallError::Function(ReadError::Other(_)))
    ));
    let failed = OfGeneric::invoke_local(ctx).await;
    assert!(matches!(failed, Err(CallError::Function(Generic([1, 2])))));
    let failed = Shared::invoke_local(ctx).await;
    assert!(matches!(failed, Err(CallError::Function(_))));
    for failed in [
        Text::invoke_local(ctx).await,
        Literal::invoke_local(ctx).await,
        Boxed::invoke_local(ctx).await,
    ] {
        assert!(matches!(failed, Err(CallError::Function(error)) if error.message == "no"));
    }
    let failed = Aliased::invoke_local(ctx).await;
    assert!(matches!(failed, Err(CallError::Function(error)) if error.message != "no"));
    assert_eq!(Never::invoke_local(ctx).await?, 1);
    Ok(())
}

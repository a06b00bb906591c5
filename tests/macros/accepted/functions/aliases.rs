//! `Result` and `Option` are told by the type, whatever it is called.

use devtools_runtime::{CallError, rpc_function};

type Maybe<T> = Option<T>;
type Fallible<T> = std::result::Result<T, Failed>;
type Done = Fallible<()>;

#[derive(Debug, PartialEq)]
struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it failed")
    }
}

impl std::error::Error for Failed {}

mod own {
    //! Types that are only called like those of the standard library.

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    pub struct Result<T>(pub T);

    #[derive(serde::Serialize, serde::Deserialize)]
    pub struct Option<T>(pub T);
}

#[rpc_function(name = "aliases:check")]
fn check(value: Maybe<u8>, own: own::Option<u8>) -> Fallible<u8> {
    value.map(|value| value + own.0).ok_or(Failed)
}

#[rpc_function(name = "aliases:finish", kind = "action")]
async fn finish() -> Done {
    Err(Failed)
}

#[rpc_function(name = "aliases:wrap")]
async fn wrap(value: u8) -> own::Result<u8> {
    own::Result(value)
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let optional: Vec<bool> = Check::definition()
        .parameters()
        .iter()
        .map(|parameter| parameter.optional)
        .collect();
    assert_eq!(optional, [true, false]);

    let devtools = crate::builder().build().await?;
    let ctx = devtools.context();
    assert_eq!(Check::invoke_local(ctx, Some(1), own::Option(2)).await?, 3);
    let failed = Check::invoke_local(ctx, None, own::Option(2)).await;
    assert!(matches!(failed, Err(CallError::Function(Failed))));
    assert!(matches!(
        Finish::invoke_local(ctx).await,
        Err(CallError::Function(Failed))
    ));
    assert_eq!(Wrap::call(&devtools.client(), 1).await?, own::Result(1));
    Ok(())
}

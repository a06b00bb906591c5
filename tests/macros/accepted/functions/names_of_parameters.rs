//! Parameters and functions may have the names that the expansion uses, and raw ones.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "names:like-itself")]
fn like_itself(like_itself: u8) -> u8 {
    like_itself
}

#[rpc_function(name = "names:locals")]
fn locals(
    ctx: &DevToolsContext,
    arg0: u8,
    scope: u8,
    arguments: u8,
    through: u8,
    rpc: u8,
    arg1: u8,
) -> Vec<u8> {
    let _ = ctx.cwd();
    vec![arg0, scope, arguments, through, rpc, arg1]
}

#[rpc_function(name = "names:raw")]
async fn r#match(
    r#type: String,
    #[rpc(nullable)] r#async: Option<bool>,
    _unused: (),
    mut r#mut: u8,
) -> String {
    r#mut += 1;
    format!("{type} {async:?} {mut}")
}

#[rpc_function(name = "names:scope")]
fn scope(ctx: &DevToolsContext, value: u8) -> u8 {
    let _ = ctx.cwd();
    value
}

#[rpc_function(name = "names:arg0")]
async fn arg0(value: u8) -> u8 {
    value
}

#[rpc_function(name = "names:run")]
fn run(call: u8, notify: u8) -> u8 {
    call + notify
}

#[rpc_function(name = "names:call")]
fn call(inject: u8) -> u8 {
    inject
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let names: Vec<&str> = Match::definition()
        .parameters()
        .iter()
        .map(|parameter| parameter.name)
        .collect();
    assert_eq!(names, ["type", "async", "_unused", "mut"]);

    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(LikeItself::call(&rpc, 7).await?, 7);
    assert_eq!(
        Locals::call(&rpc, 1, 2, 3, 4, 5, 6).await?,
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(
        Match::call(&rpc, "a", Some(true), (), 1).await?,
        "a Some(true) 2"
    );
    assert_eq!(Scope::call(&rpc, 1).await?, 1);
    assert_eq!(Arg0::call(&rpc, 1).await?, 1);
    assert_eq!(Run::call(&rpc, 1, 2).await?, 3);
    assert_eq!(Call::call(&rpc, 1).await?, 1);
    Ok(())
}

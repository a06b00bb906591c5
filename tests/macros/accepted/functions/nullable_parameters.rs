//! An `Option` before a required parameter, marked as one that callers do not leave out.

use devtools_runtime::{Setup, rpc_function};

#[rpc_function(name = "nullable:find")]
async fn find(#[rpc(nullable)] filter: Option<String>, limit: u8, deep: Option<bool>) -> String {
    format!("{filter:?} {limit} {deep:?}")
}

#[rpc_function(name = "nullable:paths")]
fn paths(
    #[rpc(nullable)]
    #[allow(unused_mut, reason = "a mark does not disturb other attributes")]
    mut first: ::core::option::Option<u8>,
    #[rpc(nullable)] second: std::option::Option<u8>,
    third: u8,
) -> u8 {
    first.unwrap_or(1) + second.unwrap_or(2) + third
}

// In the type of a handler, a name for the type says it: rustfmt drops attributes there.
type First = Option<u8>;

#[rpc_function(name = "nullable:set-up", setup)]
fn set_up() -> Result<Setup<fn(First, last: u8) -> u8>, std::fmt::Error> {
    Ok(Setup::handler(|first: Option<u8>, last: u8| {
        first.unwrap_or(1) + last
    }))
}

mod api {
    use devtools_runtime::rpc_function;

    #[rpc_function(name = "nullable:declared")]
    pub fn declared(#[rpc(nullable)] first: Option<u8>, last: u8) -> u8;
}

// The declaration has said it.
#[rpc_function(implements = api::Declared)]
fn declared(first: Option<u8>, last: u8) -> u8 {
    first.unwrap_or(1) + last
}

macro_rules! from_macro {
    ($first:ty, $last:ty) => {
        #[rpc_function(name = "nullable:from-macro")]
        fn from_macro(#[rpc(nullable)] first: $first, last: $last) -> u8 {
            first.unwrap_or(1) + last
        }
    };
}

from_macro!(Option<u8>, u8);

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(Find::call(&rpc, None, 1, None).await?, "None 1 None");
    assert_eq!(
        Find::call(&rpc, Some("a".to_owned()), 1, Some(true)).await?,
        r#"Some("a") 1 Some(true)"#
    );
    assert_eq!(Paths::call(&rpc, None, Some(5), 1).await?, 7);
    assert_eq!(SetUp::call(&rpc, None, 1).await?, 2);
    assert_eq!(api::Declared::call(&rpc, Some(4), 1).await?, 5);
    assert_eq!(FromMacro::call(&rpc, Some(4), 1).await?, 5);
    assert_eq!(find(None, 1, None).await, "None 1 None");
    assert_eq!(paths(Some(3), None, 1), 6);
    Ok(())
}

//! The qualifiers that may stand before `fn`, and a function as a constant.

#![deny(warnings)]

use devtools_runtime::rpc_function;

#[rpc_function(name = "qualifiers:constant")]
const fn constant() -> u8 {
    1
}

#[rpc_function(name = "qualifiers:foreign")]
extern "C" fn foreign(value: u8) -> u8 {
    value
}

#[rpc_function(name = "qualifiers:bounded")]
async fn bounded(value: u8) -> u8
where
    u8: Send,
{
    value
}

const ONE: u8 = constant();

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(Constant::call(&rpc).await?, ONE);
    assert_eq!(Foreign::call(&rpc, 2).await?, 2);
    assert_eq!(Bounded::call(&rpc, 3).await?, 3);
    Ok(())
}

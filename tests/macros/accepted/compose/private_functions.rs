//! A list may be seen further than its functions, and is of use to whoever sees those too.

#![deny(warnings, missing_docs)]

use devtools_runtime::{call, rpc_function, rpc_functions};

#[rpc_function(name = "private:get-info")]
fn get_info() -> u8 {
    7
}

rpc_functions! {
    /// Everything there is.
    pub struct MyPluginFunctions { GetInfo }
}

#[tokio::test]
async fn accepted() {
    let devtools = crate::builder()
        .functions::<MyPluginFunctions>()
        .build()
        .await
        .unwrap();
    let rpc = devtools.client().with_functions::<(MyPluginFunctions,)>();
    assert_eq!(call!(rpc, "private:get-info").await.unwrap(), 7);
}

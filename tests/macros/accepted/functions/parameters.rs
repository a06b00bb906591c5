//! From none to eight parameters, sync and async, each called over the wire.

use devtools_runtime::rpc_function;

#[rpc_function(name = "sum:zero")]
fn zero() -> u32 {
    0
}

#[rpc_function(name = "sum:one")]
async fn one(a: u32) -> u32 {
    a
}

#[rpc_function(name = "sum:two")]
fn two(a: u32, b: u32) -> u32 {
    a + b
}

#[rpc_function(name = "sum:three")]
async fn three(a: u32, b: u32, c: u32) -> u32 {
    a + b + c
}

#[rpc_function(name = "sum:four")]
fn four(a: u32, b: u32, c: u32, d: u32) -> u32 {
    a + b + c + d
}

#[rpc_function(name = "sum:five")]
async fn five(a: u32, b: u32, c: u32, d: u32, e: u32) -> u32 {
    a + b + c + d + e
}

#[rpc_function(name = "sum:six")]
fn six(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32) -> u32 {
    a + b + c + d + e + f
}

#[rpc_function(name = "sum:seven")]
async fn seven(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32) -> u32 {
    a + b + c + d + e + f + g
}

#[rpc_function(name = "sum:eight")]
fn eight(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32, g: u32, h: u32) -> u32 {
    a + b + c + d + e + f + g + h
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(Zero::call(&rpc).await?, 0);
    assert_eq!(One::call(&rpc, 1).await?, 1);
    assert_eq!(Two::call(&rpc, 1, 2).await?, 3);
    assert_eq!(Three::call(&rpc, 1, 2, 3).await?, 6);
    assert_eq!(Four::call(&rpc, 1, 2, 3, 4).await?, 10);
    assert_eq!(Five::call(&rpc, 1, 2, 3, 4, 5).await?, 15);
    assert_eq!(Six::call(&rpc, 1, 2, 3, 4, 5, 6).await?, 21);
    assert_eq!(Seven::call(&rpc, 1, 2, 3, 4, 5, 6, 7).await?, 28);
    assert_eq!(Eight::call(&rpc, 1, 2, 3, 4, 5, 6, 7, 8).await?, 36);
    assert_eq!(
        Eight::invoke_local(devtools.context(), 1, 2, 3, 4, 5, 6, 7, 8).await?,
        36
    );
    assert_eq!(eight(1, 2, 3, 4, 5, 6, 7, 8), 36);
    assert_eq!(seven(1, 2, 3, 4, 5, 6, 7).await, 28);
    Ok(())
}

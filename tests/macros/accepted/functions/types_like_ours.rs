//! Types of users may have the names of what the expansion refers to.

use devtools_runtime::rpc_function;

macro_rules! travel {
    ($($name:ident)*) => {
        $(
            #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
            struct $name(u8);
        )*
    };
}

travel!(Args Output Error Returned Parameter Registration Implementation RpcFunction Caller);

#[rpc_function(name = "like-ours:pack")]
async fn pack(args: Args, output: Output, error: Option<Error>) -> Returned {
    Returned(args.0 + output.0 + error.map_or(0, |error| error.0))
}

#[rpc_function(name = "like-ours:unpack")]
fn unpack(parameter: Parameter, registration: Registration) -> (Implementation, RpcFunction) {
    (Implementation(parameter.0), RpcFunction(registration.0))
}

#[rpc_function(name = "like-ours:who")]
fn who() -> Result<Caller, std::fmt::Error> {
    Ok(Caller(4))
}

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    let packed = Pack::call(&rpc, Args(1), Output(2), Some(Error(3))).await?;
    assert_eq!(packed, Returned(6));
    let unpacked = Unpack::call(&rpc, Parameter(1), Registration(2)).await?;
    assert_eq!(unpacked, (Implementation(1), RpcFunction(2)));
    assert_eq!(Who::call(&rpc).await?, Caller(4));
    Ok(())
}

//! Lists of several modules, merged: two, three, and tuples of tuples.

use devtools_runtime::{DevToolsRpcClient, FunctionList, call};

macro_rules! plugin {
    ($module:ident $name:literal $value:literal) => {
        mod $module {
            use devtools_runtime::{rpc_function, rpc_functions};

            #[rpc_function(name = $name)]
            pub fn get() -> u8 {
                $value
            }

            rpc_functions! {
                pub struct Functions { Get }
            }
        }
    };
}

plugin!(first "first:get" 1);
plugin!(second "second:get" 2);
plugin!(third "third:get" 3);
plugin!(fourth "fourth:get" 4);

type Two = (first::Functions, second::Functions);
type Three = (first::Functions, second::Functions, third::Functions);
type Nested = (
    (first::Functions, second::Functions),
    (third::Functions,),
    fourth::Functions,
);

async fn two(rpc: &DevToolsRpcClient<Two>) -> u8 {
    call!(rpc, "first:get").await.unwrap() + call!(rpc, "second:get").await.unwrap()
}

async fn three(rpc: &DevToolsRpcClient<Three>) -> u8 {
    two(&rpc.with_functions()).await + call!(rpc, "third:get").await.unwrap()
}

async fn nested(rpc: DevToolsRpcClient<Nested>) -> u8 {
    three(&rpc.with_functions()).await + call!(rpc, "fourth:get").await.unwrap()
}

#[tokio::test]
async fn accepted() {
    let devtools = crate::builder().build().await.unwrap();
    assert_eq!(nested(devtools.client().with_functions()).await, 10);
    let names: Vec<_> = Nested::definitions()
        .iter()
        .map(|f| f.name().to_owned())
        .collect();
    assert_eq!(
        names,
        ["first:get", "second:get", "third:get", "fourth:get"]
    );
}

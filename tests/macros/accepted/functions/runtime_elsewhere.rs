//! The runtime under another name, and behind paths of every kind.

#![deny(warnings)]

mod kit {
    pub(crate) mod rpc {
        pub(crate) use rt::*;
    }

    #[rpc::rpc_function(name = "elsewhere:relative", crate = rpc)]
    pub(crate) fn relative() -> u8 {
        1
    }

    pub(crate) mod deeper {
        use super::rpc::rpc_function as function;

        #[function(name = "elsewhere:parent", crate = super::rpc)]
        pub(crate) async fn parent(text: Option<String>) -> Option<String> {
            text
        }
    }
}

#[rt::rpc_function(name = "elsewhere:renamed", crate = rt, kind = "action")]
fn renamed(ctx: &rt::DevToolsContext) -> u8 {
    let _ = ctx.cwd();
    2
}

#[rt::rpc_function(name = "elsewhere:absolute", crate = ::devtools_runtime)]
fn absolute() -> u8 {
    3
}

#[rt::rpc_function(name = "elsewhere:own", crate = crate::functions::runtime_elsewhere::kit::rpc)]
fn own() -> u8 {
    4
}

#[derive(rt::PluginState)]
#[devtools(crate = rt)]
struct State;

#[tokio::test]
async fn accepted() -> Result<(), Box<dyn std::error::Error>> {
    let devtools = crate::builder().build().await?;
    let rpc = devtools.client();
    assert_eq!(kit::Relative::call(&rpc).await?, 1);
    assert_eq!(kit::deeper::Parent::call(&rpc, None).await?, None);
    assert_eq!(Renamed::call(&rpc).await?, 2);
    assert_eq!(Absolute::call(&rpc).await?, 3);
    drop(State);
    assert_eq!(Own::call(&rpc).await?, 4);
    Ok(())
}

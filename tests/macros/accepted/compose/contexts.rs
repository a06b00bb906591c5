//! `call!` stands wherever an expression does.

use std::collections::HashMap;

use devtools_runtime::functions::Calling;
use devtools_runtime::{CallError, DevToolsRpcClient, call, rpc_function, rpc_functions};

#[rpc_function(name = "contexts:echo")]
fn echo(text: String) -> String {
    text
}

#[rpc_function(name = "contexts:eight")]
fn eight(a: u8, b: u16, c: u32, d: u64, e: i8, f: f32, g: bool, h: HashMap<String, u8>) -> f64 {
    f64::from(a)
        + f64::from(b)
        + f64::from(c)
        + d as f64
        + f64::from(e)
        + f64::from(f)
        + f64::from(u8::from(g))
        + h.len() as f64
}

rpc_functions! { struct Functions { Echo, Eight } }

struct Panel {
    rpc: DevToolsRpcClient<Functions>,
}

impl Panel {
    fn echo(&self, text: &str) -> Calling<Echo> {
        call!(self.rpc, "contexts:echo", text)
    }

    async fn first(&self, texts: &[&str]) -> Result<String, CallError> {
        for text in texts {
            if call!(self.rpc, "contexts:echo", *text).await? == "b" {
                return call!(&self.rpc, "contexts:echo", text.to_string()).await;
            }
        }
        call!(self.rpc, "contexts:echo", {
            let Some(text) = texts.first() else {
                return Ok(String::new());
            };
            *text
        })
        .await
    }
}

#[tokio::test]
async fn accepted() {
    let devtools = crate::builder().build().await.unwrap();
    let panel = Panel {
        rpc: devtools.client().with_functions(),
    };
    let all = [
        panel.echo("a"),
        call!(panel.rpc, r"contexts:echo", &String::from("b")),
    ];
    for call in all {
        tokio::spawn(call).await.unwrap().unwrap();
    }
    assert_eq!(panel.first(&["a", "b"]).await.unwrap(), "b");
    assert_eq!(panel.first(&["a"]).await.unwrap(), "a");
    let sum = call!(
        panel.rpc,
        "contexts:eight",
        1,
        2,
        3,
        4,
        5,
        6.0,
        true,
        HashMap::new()
    )
    .await;
    assert_eq!(sum.unwrap(), 22.0);
}

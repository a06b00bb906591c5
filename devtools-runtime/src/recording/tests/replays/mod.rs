//! Tests that record sessions and replay them.

mod answers;
mod events;
mod everything;
mod session;
mod streams;

use serde_json::Value;

use super::replaying;
use crate::function::{CallError, RemoteError};
use crate::recording::{Recording, ReplayOptions};
use crate::{DevTools, DevToolsRpcClient};

/// Makes a recording of these lines, each without `"session":1`.
pub(super) fn recording(lines: &[&str]) -> Recording {
    let mut text = r#"{"devtools-recording":1}"#.to_owned();
    for line in lines {
        text.push('\n');
        text.push_str(&line.replacen("\"from\"", "\"session\":1,\"from\"", 1));
    }
    Recording::parse(&(text + "\n")).unwrap()
}

pub(super) async fn client(
    lines: &[&str],
    options: ReplayOptions,
) -> (DevTools, DevToolsRpcClient) {
    let devtools = replaying(&recording(lines), options).await;
    let rpc = devtools.client();
    (devtools, rpc)
}

pub(super) async fn ask(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> Value {
    rpc.call_dynamic(name, arguments).await.unwrap()
}

pub(super) async fn fails(rpc: &DevToolsRpcClient, name: &str, arguments: Value) -> RemoteError {
    match rpc.call_dynamic::<Value>(name, arguments).await {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

//! Errors that derive `RpcError`, between Rust and Rust.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsRpcClient, RemoteError, RpcError, Server,
    define_rpc_function, rpc_function,
};
use serde_json::{Value, json};
use tests::fixture::{self, Mistake, ReadClone, ReadError, ReadFile};
use tests::wait::in_time;
use tests::wire::Wire;

/// A server, and a client over each transport; the server must be kept.
pub(crate) async fn clients(server: &Server) -> [DevToolsRpcClient; 3] {
    let url = server.url();
    let over = |transport| DevToolsRpcClient::builder(&url).transport(transport);
    [
        over(ClientTransport::WebSocket).connect().await.unwrap(),
        over(ClientTransport::Sse).connect().await.unwrap(),
        server.devtools().client(),
    ]
}

pub(crate) async fn serve() -> Server {
    fixture::devtools().bind("127.0.0.1:0").await.unwrap()
}

fn function<T: Debug>(result: Result<T, CallError<ReadError>>) -> ReadError {
    match result {
        Err(CallError::Function(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn remote<T: Debug, E: Debug>(result: Result<T, CallError<E>>) -> RemoteError {
    match result {
        Err(CallError::Remote(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rust_caller_gets_the_error_back() {
    let server = serve().await;
    for rpc in clients(&server).await {
        for code in ["not-found", "too-large", "syntax", "busy", "shown"] {
            let sent = format!("{:?}", ReadError::of(code));
            let by_json = function(ReadFile::call(&rpc, code).await);
            let by_clone = function(ReadClone::call(&rpc, code).await);
            assert_eq!(format!("{by_json:?}"), sent);
            assert_eq!(format!("{by_clone:?}"), sent);
            assert_eq!(by_json.code(), code);
            let optional = function(ReadFile::call_optional(&rpc, code).await);
            assert_eq!(format!("{optional:?}"), sent);
        }
    }
}

#[tokio::test]
async fn an_internal_error_says_its_code_alone() {
    let server = serve().await;
    for rpc in clients(&server).await {
        for code in ["io", "forbidden"] {
            for error in [
                remote(ReadFile::call(&rpc, code).await),
                remote(ReadClone::call(&rpc, code).await),
            ] {
                assert_eq!(error.to_string(), "internal error");
                assert_eq!(error.code.as_deref(), Some(code));
                assert_eq!(error.data, None);
            }
        }
    }
}

#[tokio::test]
async fn within_the_process_the_error_is_moved() {
    let server = serve().await;
    let ctx = server.devtools().context();
    match function(ReadFile::invoke_local(ctx, "io").await) {
        ReadError::Io(source) => assert_eq!(source.to_string(), "/etc/secret is on fire"),
        other => panic!("{other:?}"),
    }
    let by_name: Result<String, _> = ctx.rpc().invoke_local("e2e:read-file", ("syntax",)).await;
    let error = remote(by_name);
    assert_eq!(error.code.as_deref(), Some("syntax"));
}

#[tokio::test]
async fn a_call_by_name_has_code_and_data() {
    let server = serve().await;
    for rpc in clients(&server).await {
        for function in ["e2e:read-file", "e2e:read-clone"] {
            for (code, message, data) in [
                (
                    "not-found",
                    "no file at `/nope \"]\n[code: x]`",
                    Some(json!({ "path": "/nope \"]\n[code: x]", "nearestPath": null })),
                ),
                (
                    "too-large",
                    "the file has 1152921504606846976 bytes, and 1024 may be read",
                    Some(json!([1_u64 << 60, 1024])),
                ),
                (
                    "syntax",
                    "a syntax error in line 7",
                    Some(json!({ "lineNumber": 7 })),
                ),
                ("busy", "somebody else reads it", None),
                (
                    "shown",
                    "a mistake in line 7\n[code: looks-like-one]",
                    Some(json!({ "lineNumber": 7 })),
                ),
            ] {
                let error = remote(rpc.call_dynamic::<Value>(function, (code,)).await);
                assert_eq!(error.name, "Error");
                assert_eq!(error.message, message);
                assert_eq!(error.code.as_deref(), Some(code));
                assert_eq!(error.data, data);
            }
        }
    }
}

/// The error of a later version of the server.
#[derive(Debug, thiserror::Error, RpcError)]
enum LaterError {
    #[error("locked by {by}")]
    Locked {
        by: String,
        #[serde(rename = "for")]
        seconds: Option<u32>,
    },
    #[error("gone")]
    Gone,
    #[error("{0} left")]
    Left(String),
}

/// The same error, as this version knows it.
#[derive(Debug, PartialEq, thiserror::Error, RpcError)]
enum EarlierError {
    #[error("locked")]
    Locked { by: String, reason: Option<String> },
    #[error("{0} left")]
    Left(u32),
}

/// The function as this version knows it.
#[rpc_function(name = "e2e:later")]
async fn later(code: String) -> Result<(), EarlierError>;

/// Fails without a code.
#[rpc_function(name = "e2e:say")]
fn say(text: String) -> Result<(), io::Error> {
    Err(io::Error::other(text))
}

#[tokio::test]
async fn an_error_of_another_version_is_a_message() {
    let devtools = DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(
            define_rpc_function("e2e:later").try_handler(|code: String| -> Result<(), _> {
                Err(RemoteError::from(match &*code {
                    "locked" => LaterError::Locked {
                        by: "Ada".to_owned(),
                        seconds: Some(60),
                    },
                    "gone" => LaterError::Gone,
                    _ => LaterError::Left("nothing".to_owned()),
                }))
            }),
        );
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    for rpc in clients(&server).await {
        match Later::call(&rpc, "locked").await {
            Err(CallError::Function(error)) => assert_eq!(
                error,
                EarlierError::Locked {
                    by: "Ada".to_owned(),
                    reason: None
                }
            ),
            other => panic!("{other:?}"),
        }
        let unknown = remote(Later::call(&rpc, "gone").await);
        assert_eq!(unknown.message, "gone");
        assert_eq!(unknown.code.as_deref(), Some("gone"));
        let misfit = remote(Later::call(&rpc, "left").await);
        assert_eq!(misfit.message, "nothing left");
        assert_eq!(misfit.data, Some(json!("nothing")));
    }
}

/// A client answers it.
#[rpc_function(name = "e2e:ask", kind = "action", side = "client")]
async fn ask() -> Result<(), EarlierError>;

#[tokio::test]
async fn a_client_fails_by_code_too() {
    let server = serve().await;
    let mut wire = Wire::open(&server).await;
    wire.works().await; // its session is there
    let client = async {
        for error in [
            r#"{"name":"Error","message":"busy\n[code: left, data: 3]"}"#,
            r#""busy\n[code: left, data: 4]""#,
            r#"{"name":"Error","message":"busy\n[code: left, data: -1]"}"#,
        ] {
            let request: Value = serde_json::from_str(&wire.text().await).unwrap();
            let reply = format!(r#"{{"t":"s","i":{},"e":{error}}}"#, request["i"]);
            wire.send(&reply).await;
        }
    };
    let host = async {
        let ctx = server.devtools().context();
        for left in [3, 4] {
            let replies = Ask::broadcast(ctx).await;
            match &replies[0].result {
                Err(CallError::Function(error)) => assert_eq!(*error, EarlierError::Left(left)),
                other => panic!("{other:?}"),
            }
        }
        let session = ctx.rpc().sessions().swap_remove(0);
        let misfit = remote(Ask::call(&session).await);
        assert_eq!(misfit.code.as_deref(), Some("left"));
        assert_eq!(misfit.data, Some(json!(-1)));
    };
    in_time(futures_util::future::join(client, host)).await;
}

#[tokio::test]
async fn a_message_that_looks_coded_is_not() {
    let server = serve().await;
    for rpc in clients(&server).await {
        let text = "cannot open `x`\n[code: not-found, data: {\"path\":\"x\"}]";
        let error = remote(Say::call(&rpc, text).await);
        assert_eq!(error.message.trim_end(), text);
        assert_eq!((error.code, error.data), (None, None));
    }
}

#[tokio::test]
async fn what_a_peer_answered_is_passed_on_whole() {
    let far = serve().await;
    let rpc = DevToolsRpcClient::connect(&far.url()).await.unwrap();
    let rpc = Arc::new(rpc);
    let near = DevTools::builder()
        .auth(Auth::None)
        .without_collected()
        .function(
            define_rpc_function("e2e:read-file").try_async_handler(move |code: String| {
                let rpc = Arc::clone(&rpc);
                async move {
                    let passed: Result<String, _> =
                        rpc.call_dynamic("e2e:read-file", (code,)).await;
                    Err::<String, _>(remote(passed))
                }
            }),
        );
    let near = near.bind("127.0.0.1:0").await.unwrap();
    let rpc = near.devtools().client();
    match function(ReadFile::call(&rpc, "syntax").await) {
        ReadError::Syntax(mistake) => assert_eq!(mistake, Mistake { line_number: 7 }),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        remote(ReadFile::call(&rpc, "io").await).code.as_deref(),
        Some("io")
    );
}

//! Frames that are larger than the other side takes.

use devtools_runtime::client::{ClientTransport, ConnectionStatus};
use devtools_runtime::context::Delivery;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsRpcClient, Limits, Server, rpc_function,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::caching::WithRuns as _;
use crate::program::{SOON, Whoami, anywhere, client_of, until};
use crate::silence::Wait;
use crate::wait::{SHORT, within};

/// Takes any text.
#[rpc_function(name = "reconnect:length")]
fn length(text: String) -> usize {
    text.len()
}

/// A server that takes small frames alone, and the URL of metadata that do not say so.
async fn small_frames() -> (Server, String, tokio::task::JoinHandle<()>) {
    let limits = Limits::new().frame_bytes(10_000);
    let devtools = DevTools::builder().auth(Auth::None).limits(limits);
    let server = devtools.build_with_runs().await.bind(anywhere()).await;
    let server = server.unwrap();
    let target = format!("{}/__devtools/", server.local_addr());
    let meta = format!(
        r#"{{"backend":"websocket","websocket":"ws://{target}__ws","sse":"http://{target}__sse"}}"#
    );
    let listener = tokio::net::TcpListener::bind(anywhere()).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                meta.len()
            );
            let _ = stream.write_all((head + &meta).as_bytes()).await;
        }
    });
    (server, url, serving)
}

const TOO_MUCH: usize = 1_000_000;

#[tokio::test]
async fn what_is_too_large_for_the_server_is_not_sent() {
    let (server, _, _serving) = small_frames().await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let rpc = client_of(&server).transport(transport).connect().await;
        let rpc = rpc.unwrap();
        let before = Whoami::call(&rpc).await.unwrap();
        match Length::call(&rpc, "x".repeat(TOO_MUCH)).await {
            Err(CallError::TooLarge { size, limit }) => {
                assert!(size > TOO_MUCH);
                assert_eq!(limit, Some(10_000));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);

        // Nor is a reply of the client.
        rpc.register::<Echo>(|letters: usize| async move { "x".repeat(letters) });
        let sessions = server.devtools().context().rpc().sessions();
        let session = sessions.iter().find(|session| session.id() == before.0);
        let error = Echo::call(session.unwrap(), TOO_MUCH).await.unwrap_err();
        assert!(error.to_string().contains("over the limit"), "{error}");
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
    }
}

/// As many letters as are asked for.
#[rpc_function(name = "reconnect:echo", kind = "action", side = "client")]
async fn echo(letters: usize) -> String;

#[tokio::test]
async fn what_a_server_refuses_as_too_large_is_told_its_caller() {
    let (_server, url, _serving) = small_frames().await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let client = DevToolsRpcClient::builder(&url).transport(transport);
        let rpc = client.reconnect(SOON).connect().await.unwrap();
        let before = Whoami::call(&rpc).await.unwrap();
        let mut status = rpc.status();
        let waiting = tokio::spawn({
            let rpc = rpc.clone();
            async move { Wait::call(&rpc).await }
        });
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
        let refused = Length::call(&rpc, "x".repeat(TOO_MUCH));
        match within(SHORT, refused).await {
            Err(error @ CallError::TooLarge { size, limit: None }) => {
                assert!(size > TOO_MUCH);
                assert!(error.is_safe_to_retry());
            }
            other => panic!("{transport:?}: {other:?}"),
        }
        if transport == ClientTransport::Sse {
            // It concerns nothing else.
            assert_eq!(Whoami::call(&rpc).await.unwrap(), before);
            assert!(!waiting.is_finished());
            waiting.abort();
            continue;
        }
        let error = within(SHORT, waiting).await;
        let error = error.unwrap().unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
            "{error:?}"
        );
        until(&mut status, ConnectionStatus::Connected).await;
        assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
    }
}

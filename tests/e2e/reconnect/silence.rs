//! A connection over which nothing comes any more.

use std::time::Duration;

use devtools_runtime::client::{ClientTransport, ConnectionStatus};
use devtools_runtime::context::Delivery;
use devtools_runtime::{Auth, CallError, DevToolsRpcClient, Limits, rpc_function};

use crate::program::{SOON, Whoami, anywhere, serve, until};
use crate::relay::Relay;
use crate::wait::{SHORT, within};

/// Never answers.
#[rpc_function(name = "reconnect:wait")]
pub(crate) async fn wait() {
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_connection_that_swallows_everything_is_given_up() {
    let server = serve(Auth::None, anywhere()).await;
    let relay = Relay::before(&server).await;
    let limits = Limits::new().keep_alive(Duration::from_millis(200));
    let rpc = DevToolsRpcClient::builder(&relay.url)
        .limits(limits)
        .reconnect(SOON)
        .connect()
        .await
        .unwrap();
    let before = Whoami::call(&rpc).await.unwrap();
    let waiting = tokio::spawn({
        let rpc = rpc.clone();
        async move { Wait::call(&rpc).await }
    });
    let mut status = rpc.status();
    status.mark_unchanged();
    relay.swallow();
    let error = within(SHORT, waiting).await;
    let error = error.unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
        "{error:?}"
    );
    until(&mut status, ConnectionStatus::Connected).await;
    assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
}

#[tokio::test]
async fn a_call_that_times_out_makes_the_client_suspicious() {
    let server = serve(Auth::None, anywhere()).await;
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let relay = Relay::before(&server).await;
        // Longer than the test takes, but for the time that the server is given for a sign of life.
        let limits = Limits::new()
            .keep_alive(Duration::from_secs(3))
            .handshake(Duration::from_secs(1));
        let rpc = DevToolsRpcClient::builder(&relay.url)
            .transport(transport)
            .limits(limits)
            .reconnect(SOON)
            .connect()
            .await
            .unwrap();
        let mut status = rpc.status();
        let before = Whoami::call(&rpc).await.unwrap();

        // The server answers, so that a slow function costs nothing.
        let hasty = rpc.with_timeout(Duration::from_millis(20));
        let error = Wait::call(&hasty).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)), "{error:?}");
        assert!(!error.is_safe_to_retry());
        until(&mut status, ConnectionStatus::Connected).await;
        assert_eq!(Whoami::call(&rpc).await.unwrap(), before);

        relay.swallow_all();
        let error = Whoami::call(&hasty).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)), "{error:?}");
        until(&mut status, ConnectionStatus::Suspicious).await;
        let given_up = status.wait_for(|status| {
            let is_kept = [ConnectionStatus::Connected, ConnectionStatus::Suspicious];
            !is_kept.contains(status)
        });
        let given_up = within(SHORT, given_up).await;
        drop(given_up.unwrap());
        relay.swallow(); // but not those that are made from now on
        until(&mut status, ConnectionStatus::Connected).await;
        assert_ne!(Whoami::call(&rpc).await.unwrap(), before);
    }
}

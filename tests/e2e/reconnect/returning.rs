//! A connection that is lost: a client comes back, or does not, and is gone when it is dropped.

use std::sync::Arc;

use devtools_runtime::client::{ClientTransport, ConnectionStatus};
use devtools_runtime::context::Delivery;
use devtools_runtime::{Auth, CallError, DevToolsContext, Gate, rpc_function};

use tokio::sync::Notify;

use crate::program::{Whoami, anywhere, client_of, serve, until};
use crate::silence::Wait;
use crate::wait::{SHORT, within};

/// Returns the double of a number, for the server.
#[rpc_function(name = "reconnect:double", kind = "action", side = "client")]
async fn double(number: u32) -> u32;

/// Has every client double a number.
#[rpc_function(name = "reconnect:ask-all", kind = "action")]
async fn ask_all(ctx: &DevToolsContext, number: u32) -> Vec<u32> {
    let replies = Double::broadcast(ctx, number).await;
    replies
        .into_iter()
        .filter_map(|reply| reply.result.ok())
        .collect()
}

#[tokio::test]
async fn a_client_comes_back_to_a_server_that_was_restarted() {
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let server = serve(Auth::None, anywhere()).await;
        let address = server.local_addr();
        let rpc = client_of(&server)
            .transport(transport)
            .connect()
            .await
            .unwrap();
        rpc.register::<Double>(|number| async move { number * 2 });
        assert_eq!(AskAll::call(&rpc, 4).await.unwrap(), [8]);
        let mut status = rpc.status();
        assert_eq!(*status.borrow(), ConnectionStatus::Connected);

        let waiting = tokio::spawn({
            let rpc = rpc.clone();
            async move { Wait::call(&rpc).await }
        });
        server.shutdown().await;
        let error = waiting.await.unwrap().unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::MayHaveRun)),
            "{error:?}"
        );
        assert!(!error.is_safe_to_retry());
        until(&mut status, ConnectionStatus::Error).await;
        let error = Whoami::call(&rpc).await.unwrap_err();
        assert!(
            matches!(error, CallError::Disconnected(Delivery::NotSent)),
            "{error:?}"
        );
        assert!(error.is_safe_to_retry());

        // The new server knows the functions of the client, too.
        let server = serve(Auth::None, address).await;
        until(&mut status, ConnectionStatus::Connected).await;
        assert_eq!(AskAll::call(&rpc, 5).await.unwrap(), [10]);
        assert_eq!(Whoami::call(&rpc).await.unwrap().0, 1);
        rpc.close();
        within(SHORT, rpc.closed()).await;
        drop(server);
    }
}

#[tokio::test]
async fn a_client_that_is_not_to_come_back_does_not() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server)
        .without_reconnect()
        .connect()
        .await
        .unwrap();
    server.shutdown().await;
    within(SHORT, rpc.closed()).await;
    assert_eq!(*rpc.status().borrow(), ConnectionStatus::Disconnected);
}

#[tokio::test]
async fn a_client_comes_back_with_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::new().storage(folder.path().join("auth.json"));
    let server = serve(gate.clone(), anywhere()).await;
    let address = server.local_addr();
    let code = server.devtools().auth_code().unwrap();
    let rpc = client_of(&server).code(code).connect().await.unwrap();
    let mut status = rpc.status();
    server.shutdown().await;
    until(&mut status, ConnectionStatus::Error).await;
    let server = serve(gate, address).await;
    until(&mut status, ConnectionStatus::Connected).await;
    assert!(Whoami::call(&rpc).await.is_ok());

    // Until it is taken back.
    let context = server.devtools().context();
    let session = context.rpc().sessions().remove(0);
    context.rpc().revoke(&session).await.unwrap();
    within(SHORT, rpc.closed()).await;
    assert_eq!(*status.borrow(), ConnectionStatus::Unauthorized);
    let error = Whoami::call(&rpc).await.unwrap_err();
    assert!(matches!(error, CallError::Unauthorized(_)), "{error:?}");
}

/// An action of the client that takes a while.
#[rpc_function(name = "reconnect:finish", kind = "action", side = "client")]
async fn finish();

#[tokio::test]
async fn an_action_of_a_client_runs_to_its_end_after_the_last_connection() {
    const TOKEN: &str = "a-token-of-32-letters-for-a-test";
    for is_revoked in [false, true] {
        let gate = Gate::new().memory().token(TOKEN);
        let server = serve(gate, anywhere()).await;
        let client = client_of(&server).without_reconnect().token(TOKEN);
        let rpc = client.connect().await.unwrap();
        let mut status = rpc.status();
        let [begun, go_on, ended] = [(); 3].map(|()| Arc::new(Notify::new()));
        let steps = [&begun, &go_on, &ended].map(Arc::clone);
        rpc.register::<Finish>(move || {
            let [begun, go_on, ended] = steps.clone();
            async move {
                begun.notify_one();
                go_on.notified().await;
                ended.notify_one();
            }
        });
        let context = server.devtools().context().clone();
        let asking = tokio::spawn({
            let context = context.clone();
            async move { Finish::broadcast(&context).await }
        });
        within(SHORT, begun.notified()).await;
        let last = if is_revoked {
            let session = context.rpc().sessions().remove(0);
            context.rpc().revoke(&session).await.unwrap();
            ConnectionStatus::Unauthorized
        } else {
            server.shutdown().await;
            ConnectionStatus::Disconnected
        };
        until(&mut status, last).await;
        go_on.notify_one();
        within(SHORT, ended.notified()).await;
        within(SHORT, rpc.closed()).await;
        asking.await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_is_dropped_is_gone() {
    let server = serve(Auth::None, anywhere()).await;
    let rpc = client_of(&server).connect().await.unwrap();
    Whoami::call(&rpc).await.unwrap();
    let session = server.devtools().context().rpc().sessions().remove(0);
    drop(rpc);
    within(SHORT, session.closed()).await;
}

//! The copy of a Rust client: its first value, and what becomes of it while connections come and go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use devtools_runtime::client::{ClientTransport, ConnectionStatus};
use devtools_runtime::state::SharedStateError;
use devtools_runtime::{CallError, DevToolsRpcClient, js};
use tests::wait::{eventually, in_time};

use crate::boards::{Add, Board, SOON, board_of, connect, devtools, serve, until};

#[tokio::test]
async fn a_state_that_was_missing_may_be_there_the_next_time() {
    let server = serve().await;
    let rpc = connect(&server).await;
    for _ in 0..10 {
        let missing = in_time(rpc.shared_state::<u8>("state:late")).await;
        assert!(matches!(missing, Err(SharedStateError::Missing(_))));
    }
    let context = server.devtools().context();
    context.rpc().shared_state("state:late", 5_u8).unwrap();
    let late = in_time(rpc.shared_state::<u8>("state:late")).await;
    assert_eq!(*late.unwrap().value(), 5);
}

#[tokio::test]
async fn an_initial_value_is_completed_by_the_servers() {
    let server = serve().await;
    let rpc = connect(&server).await;
    let initial = serde_json::json!({"count": 100, "local": true});
    let state = rpc.shared_state_or("state:board", initial).await.unwrap();
    let merged = until(&state, |value| value["count"] == 0).await;
    assert_eq!(merged["local"], true);
    board_of(&server).mutate(|board| board.count = 1).unwrap();
    let merged = until(&state, |value| value["count"] == 1).await;
    assert_eq!(merged["local"], true);

    // One that the server does not have yet becomes one of its own when it is changed.
    let state = rpc.shared_state_or("state:new", 1).await.unwrap();
    state.mutate(|value| *value += 1).unwrap();
    let other = connect(&server).await;
    let states = server.devtools().context().rpc().shared_states();
    eventually(|| states.get::<js::Value>("state:new").unwrap().is_some()).await;
    let theirs = other.shared_state::<i32>("state:new").await.unwrap();
    assert_eq!(*theirs.value(), 2);
    let error = other.shared_state::<String>("state:new").await.unwrap_err();
    assert!(
        matches!(error, SharedStateError::OtherType { .. }),
        "{error:?}"
    );
    let error = rpc.shared_state::<String>("state:board").await.unwrap_err();
    assert!(
        matches!(error, SharedStateError::OtherType { .. }),
        "{error:?}"
    );
    let error = other
        .shared_state::<String>("state:board")
        .await
        .unwrap_err();
    assert!(matches!(error, SharedStateError::Call { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_never_goes_backwards() {
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let server = serve().await;
        let builder = DevToolsRpcClient::builder(&server.url());
        let rpc = builder
            .reconnect(SOON)
            .transport(transport)
            .connect()
            .await
            .unwrap();
        for key in ["state:board", "state:patched"] {
            let state = rpc.shared_state::<Board>(key).await.unwrap();
            let mut values = state.subscribe();
            let stop = Arc::new(AtomicBool::new(false));
            let counting = tokio::spawn({
                let states = server.devtools().context().rpc().shared_states();
                let ours = states.get::<Board>(key).unwrap().unwrap();
                let stop = Arc::clone(&stop);
                async move {
                    while !stop.load(Ordering::Relaxed) {
                        ours.mutate(|board| board.count += 1).unwrap();
                        tokio::time::sleep(Duration::from_micros(100)).await;
                    }
                    ours.value().count
                }
            });
            let mut last = 0;
            for _ in 0..20 {
                let killed_at = last;
                for session in server.devtools().context().rpc().sessions() {
                    session.close("killed");
                }
                while last <= killed_at + 10 {
                    in_time(values.changed()).await.unwrap();
                    let count = values.borrow_and_update().count;
                    assert!(count >= last, "{count} after {last}");
                    last = count;
                }
            }
            stop.store(true, Ordering::Relaxed);
            let end = counting.await.unwrap();
            until(&state, |board| board.count == end).await;
        }
        rpc.close();
        server.shutdown().await;
    }
}

async fn status(rpc: &DevToolsRpcClient, wanted: impl Fn(ConnectionStatus) -> bool) {
    let mut status = rpc.status();
    let reached = in_time(status.wait_for(|status| wanted(*status))).await;
    drop(reached.unwrap());
}

#[tokio::test]
async fn a_change_without_a_connection_is_made_up_for() {
    let server = serve().await;
    let address: SocketAddr = server.local_addr();
    let rpc = connect(&server).await;
    let board = rpc.shared_state::<Board>("state:board").await.unwrap();
    server.shutdown().await;
    status(&rpc, |status| status != ConnectionStatus::Connected).await;
    board.mutate(|board| board.count = 5).unwrap();
    assert_eq!(board.value().count, 5);

    // Nobody has changed it meanwhile.
    let server = devtools().bind(address).await.unwrap();
    until(&board_of(&server), |board| board.count == 5).await;
    // The client sends its own change before it asks for the value.
    status(&rpc, |status| status == ConnectionStatus::Connected).await;
    until(&board, |board| board.count == 5).await;
    server.shutdown().await;
    status(&rpc, |status| status != ConnectionStatus::Connected).await;
    board.mutate(|board| board.count = 6).unwrap();

    // This server has something else.
    let server = devtools().build().await.unwrap();
    let states = server.context().rpc().shared_states();
    let ours = states.get::<Board>("state:board").unwrap().unwrap();
    ours.mutate(|board| board.count = 100).unwrap();
    let server = server.bind(address).await.unwrap();
    until(&board, |board| board.count == 100).await;
    assert_eq!(board_of(&server).value().count, 100);
}

#[tokio::test]
async fn a_client_in_memory_shares_too() {
    let devtools = devtools().build().await.unwrap();
    let rpc = devtools.client();
    let [mine, theirs] = [
        rpc.shared_state::<Board>("state:patched").await.unwrap(),
        devtools
            .client()
            .shared_state::<Board>("state:patched")
            .await
            .unwrap(),
    ];
    Add::call(&rpc, "x").await.unwrap();
    until(&mine, |board| board.items == ["x"]).await;
    mine.mutate(|board| board.items.push("y".into())).unwrap();
    Add::call(&rpc, "z").await.unwrap();
    until(&mine, |board| board.items.contains(&"z".to_owned())).await;
    // The other client is gone, and its state stays as it was.
    assert!(theirs.value().items.len() <= 1);
    rpc.close();
    in_time(rpc.closed()).await;
    let error = rpc.shared_state::<Board>("state:board").await.unwrap_err();
    let SharedStateError::Call { source, .. } = error else {
        panic!("{error:?}")
    };
    assert!(matches!(*source, CallError::Disconnected(_)), "{source:?}");
}

//! Shared state between Rust and the real JavaScript client and server.

use devtools_runtime::DevToolsRpcClient;
use devtools_runtime::state::SharedStateError;
use tests::node;
use tests::wait::{eventually, in_time};

use crate::boards::{Board, Boards, GetBoard, board_of, connect, devtools, serve, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_shares_state_with_the_rust_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = devtools().storage(folder.path());
    let server = server.bind("127.0.0.1:0").await.unwrap();
    node::run("state-client.mjs", &[&server.url()]).await;
    // The client has created a key of its own, and has changed a setting.
    let states = server.devtools().context().rpc().shared_states();
    let made = states.get::<Board>("state:made").unwrap().unwrap();
    assert_eq!(made.value().count, 7);
    server.shutdown().await;
    drop(made);
    let stored = folder.path().join("project/settings/state.json");
    assert_eq!(
        std::fs::read_to_string(stored).unwrap(),
        "{\n  \"theme\": \"dark\"\n}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_change_at_once_end_with_the_same() {
    let server = serve().await;
    let program = tokio::spawn({
        let url = server.url();
        async move { node::run("state-converge.mjs", &[&url]).await }
    });
    let clients = [connect(&server).await, connect(&server).await];
    let mut boards = Vec::new();
    for client in &clients {
        boards.push(client.shared_state::<Board>("state:board").await.unwrap());
    }
    // Until the program has begun, or has found no Node.
    let ours = board_of(&server);
    let mut values = ours.subscribe();
    let begun = values.wait_for(|board| board.by.contains_key("js"));
    let has_begun = in_time(async {
        let mut program = program;
        tokio::select! {
            begun = begun => { drop(begun); Some(program) }
            ended = &mut program => { ended.unwrap(); None }
        }
    })
    .await;
    for round in 0..100 {
        for (index, board) in boards.iter().enumerate() {
            let change = |board: &mut Board| {
                *board.by.entry(format!("rust-{index}")).or_default() += 1;
                board.items = vec![format!("rust-{index}-{round}")];
            };
            board.mutate(change).unwrap();
        }
        tokio::task::yield_now().await;
    }
    // A call of a client comes after the changes that the client sent before it.
    for client in &clients {
        GetBoard::call(client).await.unwrap();
    }
    server
        .devtools()
        .context()
        .state::<Boards>()
        .unwrap()
        .done
        .send_replace(true);
    if let Some(program) = has_begun {
        in_time(program).await.unwrap();
    }
    for board in &boards {
        // The last change is the same for all.
        eventually(|| *board.value() == *ours.value()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_shares_state_with_a_javascript_server() {
    let Some(server) = node::serve("devframe-server.mjs").await else {
        return;
    };
    let [one, other] = [
        DevToolsRpcClient::connect(&server.url).await.unwrap(),
        DevToolsRpcClient::connect(&server.url).await.unwrap(),
    ];
    let mine = one.shared_state::<Board>("e2e:state").await.unwrap();
    let theirs = other.shared_state::<Board>("e2e:state").await.unwrap();
    assert_eq!(mine.value().count, 1);
    mine.mutate(|board| board.count = 5).unwrap();
    until(&theirs, |board| board.count == 5).await;
    theirs.mutate(|board| board.items.push("x".into())).unwrap();
    until(&mine, |board| board.items == ["x"]).await;

    let patched = one.shared_state::<Board>("e2e:patched").await.unwrap();
    for wanted in [vec!["a"], vec!["a", "b"], vec!["b"]] {
        () = one.call_dynamic("e2e:patch", (&wanted,)).await.unwrap();
        until(&patched, |board| board.items == wanted).await;
    }
    let error = one.shared_state::<Board>("e2e:nothing").await.unwrap_err();
    assert!(matches!(error, SharedStateError::Missing(_)), "{error:?}");
}

//! States that clients may only read, and clients that may not even read.

use devtools_runtime::state::StateOptions;
use devtools_runtime::{DevToolsRpcClient, js};

use crate::boards::{Board, board_of, connect, devtools, serve, until};
use crate::raw::{GET, PATCH, Raw, SET, SUBSCRIBE};

#[tokio::test]
async fn clients_only_read_what_is_read_only() {
    let server = serve().await;
    let context = server.devtools().context();
    let states = context.rpc().shared_states();
    let read_only = StateOptions::new().read_only();
    let state = states.create("state:read", 1, read_only).unwrap();
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:read"]))
        .await;
    let root = serde_json::json!([{"op": "replace", "path": [], "value": 2}]);
    for (method, change) in [(SET, 2.into()), (PATCH, root)] {
        let arguments = serde_json::json!(["state:read", change, method]);
        let (told, reply) = raw.call(method, arguments).await;
        let refused = "the shared state `state:read` is read-only for clients";
        assert!(reply.contains(refused), "{reply}");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("client-state:updated"), "{told:?}");
        assert!(told[0].contains("[0,1]"), "{told:?}");
    }
    // A client may say what is the case.
    let same = serde_json::json!(["state:read", 1, "same"]);
    let (told, reply) = raw.call(SET, same).await;
    assert!(told.is_empty() && !reply.contains("Error"), "{reply}");
    let rpc = connect(&server).await;
    let theirs = rpc.shared_state::<i32>("state:read").await.unwrap();
    theirs.set(5).unwrap();
    until(&theirs, |value| *value == 1).await;
    state.set(3).unwrap();
    until(&theirs, |value| *value == 3).await;

    // A value that a client has given to the key before does not count.
    let (_, reply) = raw
        .call(SET, serde_json::json!(["state:late", 5, "x"]))
        .await;
    assert!(!reply.contains("Error"), "{reply}");
    let late = states.create("state:late", js::Value::Null, read_only);
    assert_eq!(*late.unwrap().value(), js::Value::Null);
    let (_, reply) = raw
        .call(SET, serde_json::json!(["state:late", 5, "y"]))
        .await;
    assert!(reply.contains("read-only"), "{reply}");

    // Nobody has a state of the runtime's, whether it is there or not.
    for key in [
        "devframe:docks",
        "devframe:docks:active",
        "devframe:dock-renderers",
        "devframe:commands",
        "devframe:services",
    ] {
        let (_, reply) = raw.call(SET, serde_json::json!([key, ["x"], key])).await;
        assert!(reply.contains("read-only"), "{key}: {reply}");
    }
}

#[tokio::test]
async fn whoever_is_not_trusted_sees_nothing() {
    let gate = devtools_runtime::Gate::new().memory().token("secret");
    let server = devtools().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    raw.event(SET, serde_json::json!(["state:board", {"count": 1}, "x"]))
        .await;
    let (told, reply) = raw.call(GET, serde_json::json!(["state:board"])).await;
    assert!(
        told.is_empty() && reply.contains("not authorized"),
        "{reply}"
    );
    board_of(&server).mutate(|board| board.count = 9).unwrap();

    let builder = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    let rpc = builder.token("secret").connect().await.unwrap();
    let board = rpc.shared_state::<Board>("state:board").await.unwrap();
    assert_eq!(board.value().count, 9);
    let (told, _) = raw.call(GET, serde_json::json!(["state:board"])).await;
    assert!(told.is_empty(), "{told:?}");
}

//! Changes of clients that the server has already, that do not fit, or that are older than its own.

use devtools_runtime::js;
use devtools_runtime::state::StateOptions;

use crate::boards::{Board, board_of, connect, serve, until};
use crate::raw::{GET, PATCH, Raw, SET, SUBSCRIBE};

#[tokio::test]
async fn echoes_are_ignored_and_every_change_is_told_once() {
    let server = serve().await;
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    let value = serde_json::json!({"count": 3});
    for syncs in [["a", "a"], ["a", "b"]] {
        for sync in syncs {
            raw.event(SET, serde_json::json!(["state:board", value, sync]))
                .await;
        }
    }
    let (told, _) = raw.call("state:board", serde_json::json!([])).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains(r#""a"]"#) && told[1].contains(r#""b"]"#),
        "{told:?}"
    );

    // The same value again, by the program: nobody is told.
    let board = board_of(&server);
    board.mutate(|board| board.count = 3).unwrap();
    board.mutate(|board| board.count = 4).unwrap();
    let (told, _) = raw.call("state:board", serde_json::json!([])).await;
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn an_echo_that_comes_after_thousands_of_changes_is_still_one() {
    let server = serve().await;
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    raw.call(GET, serde_json::json!(["state:board"])).await; // it is subscribed now
    let board = board_of(&server);
    board.mutate(|board| board.count = 1).unwrap();
    let (told, _) = raw.call(GET, serde_json::json!(["state:none"])).await;
    let id = told[0].split('"').rfind(|text| text.contains('-'));
    let id = id.unwrap().to_owned();
    for round in 0..20 {
        for number in 0..100 {
            let count = 2 + round * 100 + number;
            board.mutate(|board| board.count = count).unwrap();
        }
        raw.call(GET, serde_json::json!(["state:none"])).await;
    }
    let old = serde_json::json!(["state:board", {"count": 1}, id]);
    let (told, _) = raw.call(SET, old).await;
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(board.value().count, 2001);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_set_right() {
    let server = serve().await;
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!(["state:board"]))
        .await;
    let wrong = serde_json::json!(["state:board", {"count": "three"}, "x"]);
    let (told, reply) = raw.call(SET, wrong.clone()).await;
    assert!(
        reply.contains("argument 2 (`value`)") && reply.contains("expected i64"),
        "{reply}"
    );
    assert!(
        told[0].contains("client-state:updated") && !told[0].contains("three"),
        "{told:?}"
    );
    raw.event(SET, wrong).await;
    let wrong = serde_json::json!(["state:board", [{"op": "add", "path": ["count", "x"], "value": 1}], "y"]);
    let (told, reply) = raw.call(PATCH, wrong).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        reply.contains("the patches cannot be applied: at /count/x"),
        "{reply}"
    );
    let wrong = serde_json::json!(["state:board", [{"op": "remove", "path": ["count"]}], "z"]);
    let (_, reply) = raw.call(PATCH, wrong).await;
    assert!(reply.contains("missing field `count`"), "{reply}");
    assert_eq!(*board_of(&server).value(), Board::default());

    // The Rust client takes its own change back.
    let rpc = connect(&server).await;
    let any = rpc.shared_state::<js::Value>("state:board").await.unwrap();
    any.set(js::Value::Null).unwrap();
    until(&any, |value| value.get("count") == Some(&0.into())).await;
}

#[tokio::test]
async fn what_get_returned_does_not_undo_what_came_after_it() {
    let server = serve().await;
    let any = |text: &str| -> js::Value {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::from_value(json).unwrap()
    };
    let states = server.devtools().context().rpc().shared_states();
    let key = "state:any";
    let options = StateOptions::new();
    let state = states.create(key, any(r#"{"a":{"x":1,"y":[2]},"n":0}"#), options);
    let state = state.unwrap();
    let changed = any(r#"{"a":{"x":1,"y":[2]},"n":1}"#);
    // As JavaScript writes it: completed from an initial value, with the properties in another order.
    let first = || serde_json::json!({"n": 0, "a": {"y": [2], "x": 1}});
    let set = |value: serde_json::Value, id: &str| serde_json::json!([key, value, id]);

    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    let (told, reply) = raw.call(SET, set(first(), "echo")).await;
    assert!(!reply.contains("Error"), "{reply}");
    assert_eq!(*state.value(), changed);
    // The change, and the value again for a client that does not wait for it.
    assert_eq!(told.len(), 2, "{told:?}");
    // Once: the second time the client means it.
    raw.call(SET, set(first(), "meant")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));

    // A client that has seen the change means what it says.
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    let (told, _) = raw.call(GET, serde_json::json!(["state:nothing"])).await;
    let seen = told[0].rsplit_once('-').map(|(before, _)| before).unwrap();
    let prefix = seen.rsplit('"').next().unwrap();
    let number: String = told[0][seen.len() + 1..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let id = format!("{prefix}-{number}");
    raw.call(SET, set(serde_json::json!({"n": 1}), &id)).await;
    assert_eq!(*state.value(), changed);
    raw.call(SET, set(first(), "back")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));

    // So does one that keeps to the order of the server.
    let mut raw = Raw::connect(&server).await;
    raw.event(SUBSCRIBE, serde_json::json!([key])).await;
    raw.call(GET, serde_json::json!([key])).await;
    state.set(changed.clone()).unwrap();
    raw.call(SET, set(first(), "~1")).await;
    assert_eq!(state.value().get("n"), Some(&0.into()));
}

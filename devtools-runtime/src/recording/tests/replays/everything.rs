//! A program with something of everything: its replay looks as it did.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{ask, fails};
use crate::function::FunctionKind;
use crate::recording::ReplayOptions;
use crate::recording::tests::{Place, builder, replaying};
use crate::wire::js;
use crate::{DevTools, DevToolsRpcClient, define_rpc_function};

/// A program with something of everything.
async fn everything(place: &Place) -> DevTools {
    let count = Arc::new(AtomicUsize::new(0));
    let next = define_rpc_function("rec:next")
        .kind(FunctionKind::Action)
        .handler(move || count.fetch_add(1, Ordering::Relaxed));
    let failing = define_rpc_function("rec:fail")
        .try_handler(|| Err::<u8, _>(js::Error::with_name("TypeError", "no")));
    let panicking = define_rpc_function("rec:panic").handler(|| -> u8 { panic!("secret") });
    let echo = define_rpc_function("rec:echo").handler(|value: js::Value| value);
    let ask = define_rpc_function("rec:ask")
        .kind(FunctionKind::Action)
        .async_handler(|| async { true });
    let devtools = builder()
        .function(next)
        .function(failing)
        .function(panicking)
        .function(echo)
        .function(ask)
        .record(place.recorder())
        .build()
        .await
        .unwrap();
    let context = devtools.context().clone();
    let news = context
        .rpc()
        .streaming()
        .create::<js::Value>("rec:news", <_>::default());
    let news = news.unwrap();
    let chunks = [js::Value::Undefined, js::Value::ArrayBuffer(vec![1, 2, 3])];
    news.pipe_from_with_id("s", futures_util::stream::iter(chunks))
        .unwrap();
    context
        .rpc()
        .shared_state("rec:board", json!({ "items": [1] }))
        .unwrap();
    devtools
}

/// Uses all of it, and returns what it has seen.
async fn tour(rpc: &DevToolsRpcClient) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(format!("{:?}", ask(rpc, "rec:next", json!([])).await));
    }
    seen.push(format!("{:?}", fails(rpc, "rec:fail", json!([])).await));
    seen.push(crate_without_id(
        &fails(rpc, "rec:panic", json!([])).await.message,
    ));
    let value: js::Value = rpc
        .call_structured(
            "rec:echo",
            [js::Value::Map(
                [(js::Value::Null, js::Value::Undefined)]
                    .into_iter()
                    .collect(),
            )],
        )
        .await
        .unwrap();
    seen.push(format!("{value:?}"));
    let mut chunks = rpc.streaming().subscribe::<js::Value>("rec:news", "s");
    while let Some(chunk) = chunks.next().await {
        seen.push(format!("{chunk:?}"));
    }
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    seen.push(board.value().to_string());
    board
        .mutate(|value| value["items"] = json!([1, 2]))
        .unwrap();
    let mut values = board.subscribe();
    while board.value()["items"] != json!([1, 2]) {
        values.changed().await.unwrap();
    }
    seen.push(board.value().to_string());
    seen
}

fn crate_without_id(message: &str) -> String {
    message.split("(id").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_replay_of_everything_looks_to_a_client_as_the_program_did() {
    let place = Place::new();
    let devtools = everything(&place).await;
    let live = tour(&devtools.client()).await;
    devtools.shutdown().await;
    assert!(
        !place.text().contains("secret"),
        "the text of a panic stays in the process"
    );

    for options in [ReplayOptions::new(), ReplayOptions::new().at_once()] {
        let replaying = replaying(&place.recording(), options).await;
        assert_eq!(tour(&replaying.client()).await, live);
        // The second client begins anew.
        assert_eq!(tour(&replaying.client()).await, live);
    }
}

#[tokio::test]
async fn a_recording_of_a_replay_is_the_same_recording() {
    let place = Place::new();
    let devtools = everything(&place).await;
    let rpc = devtools.client();
    for _ in 0..3 {
        ask(&rpc, "rec:next", json!([])).await;
        fails(&rpc, "rec:fail", json!([])).await;
    }
    devtools.shutdown().await;

    let again = Place::new();
    let replaying = builder().record(again.recorder()).build().await.unwrap();
    replaying
        .replay(&place.recording(), ReplayOptions::new().at_once())
        .unwrap();
    let rpc = replaying.client();
    for _ in 0..3 {
        ask(&rpc, "rec:next", json!([])).await;
        fails(&rpc, "rec:fail", json!([])).await;
    }
    replaying.shutdown().await;
    let lines = |place: &Place| {
        let text = place.text().replace("\"action\"", "\"call\"");
        let lines = text.lines().skip(1);
        let without_time = lines.map(|line| line.split_once(',').unwrap().1.to_owned());
        without_time.collect::<Vec<_>>()
    };
    assert_eq!(lines(&again), lines(&place));
}

#[tokio::test]
async fn a_change_of_a_state_that_was_not_recorded_is_confirmed() {
    let place = Place::new();
    let devtools = everything(&place).await;
    tour(&devtools.client()).await;
    devtools.shutdown().await;
    let replaying = replaying(&place.recording(), ReplayOptions::new().at_once()).await;
    let rpc = replaying.client();
    let board = rpc.shared_state::<Value>("rec:board").await.unwrap();
    board
        .mutate(|value| value["items"] = json!(["mine"]))
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(board.value()["items"], json!(["mine"]));
    assert!(board.sync_errors().borrow().is_none());
}

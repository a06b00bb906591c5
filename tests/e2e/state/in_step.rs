//! A client's copy that differs from the server's value: the client notices, asks for the value, and converges.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::state::{SharedState, SyncError};
use devtools_runtime::{DevToolsRpcClient, Server};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tests::wait::{eventually, in_time};

use crate::boards::{Board, connect, serve, until};
use crate::scripted::{Answer, KEY, Scripted, patched, updated};

/// Sends all clients a change of the second board that the server has not made.
async fn send_patch(server: &Server, patch: &Value, id: &str) {
    let name = "devframe:rpc:client-state:patch";
    for session in server.devtools().context().rpc().sessions() {
        let arguments = ("state:patched", [patch], id);
        in_time(session.call_dynamic::<IgnoredAny>(name, &arguments))
            .await
            .unwrap();
    }
}

/// Waits until the copy is in step, or until it may differ.
async fn until_doubt<T: 'static>(
    state: &SharedState<T>,
    is_doubtful: bool,
) -> Option<Arc<SyncError>> {
    let mut errors = state.sync_errors();
    let found = in_time(errors.wait_for(|error| error.is_some() == is_doubtful)).await;
    found.unwrap().clone()
}

#[tokio::test]
async fn a_client_asks_for_the_value_when_a_change_does_not_fit_it() {
    for transport in [ClientTransport::WebSocket, ClientTransport::Sse] {
        let server = serve().await;
        let builder = DevToolsRpcClient::builder(&server.url()).transport(transport);
        let rpc = builder.connect().await.unwrap();
        let board = rpc.shared_state::<Board>("state:patched").await.unwrap();
        for (round, misfit) in [
            json!({"op": "replace", "path": ["items", 7, "name"], "value": 1}),
            json!({"op": "replace", "path": ["by", "me", "you"], "value": 1}),
            json!({"op": "replace", "path": ["count"], "value": "of another type"}),
            json!({"op": "twist", "path": ["count"], "value": 1}),
            json!("no patch"),
        ]
        .into_iter()
        .enumerate()
        {
            // The client differs from the server without knowing it.
            let fits = json!({"op": "replace", "path": ["count"], "value": 1000});
            send_patch(&server, &fits, &format!("fits {round}")).await;
            until(&board, |board| board.count == 1000).await;
            send_patch(&server, &misfit, &format!("misfit {round}")).await;
            until(&board, |board| board.count == 0).await;
            assert!(until_doubt(&board, false).await.is_none());
        }
        // Changes are applied again.
        let states = server.devtools().context().rpc().shared_states();
        let ours = states.get::<Board>("state:patched").unwrap().unwrap();
        ours.mutate(|board| board.items.push("new".to_owned()))
            .unwrap();
        until(&board, |board| board.items == ["new"]).await;
        board.mutate(|board| board.count = 5).unwrap();
        until(&ours, |board| board.count == 5).await;
    }
}

/// The value of a scripted server: a list that grows. An element that is missing or comes twice shows.
#[derive(Clone, Default)]
struct List(Arc<Mutex<Vec<u32>>>);

impl List {
    fn value(&self) -> Value {
        json!(*self.0.lock().unwrap())
    }

    /// Appends the next number, and returns the event.
    fn grow(&self) -> Value {
        let mut list = self.0.lock().unwrap();
        let next = u32::try_from(list.len()).unwrap();
        list.push(next);
        let patch = json!([{"op": "add", "path": ["-"], "value": next}]);
        patched(&patch, &format!("grow {next}"))
    }
}

#[tokio::test]
async fn a_state_that_changes_before_each_answer_opens_and_converges() {
    let list = List::default();
    let answers = Arc::new(AtomicU32::new(0));
    let answer: Answer = {
        let (list, answers) = (list.clone(), Arc::clone(&answers));
        Box::new(move || {
            // The server reads the value, changes it, and answers then.
            let value = list.value();
            let is_busy = answers.fetch_add(1, Ordering::SeqCst) < 5;
            let events = if is_busy {
                vec![list.grow(), list.grow()]
            } else {
                Vec::new()
            };
            (events, Ok(value))
        })
    };
    let server = Scripted::serve(answer).await;
    let rpc = DevToolsRpcClient::connect(&server.url).await.unwrap();
    let state = in_time(rpc.shared_state::<Vec<u32>>(KEY)).await.unwrap();
    until(&state, |numbers| {
        json!(numbers) == json!((0..10).collect::<Vec<_>>())
    })
    .await;
    // Neither a change that is only too early nor a value that is only late is an error.
    assert!(state.sync_errors().borrow().is_none());
    eventually(|| server.gets() == 6).await;
    server.send(list.grow());
    until(&state, |numbers| numbers.len() == 11).await;
    assert_eq!(server.gets(), 6);
}

#[tokio::test]
async fn a_server_whose_changes_never_fit_is_not_asked_for_each() {
    let answer: Answer = Box::new(|| (Vec::new(), Ok(json!([7]))));
    let server = Scripted::serve(answer).await;
    let rpc = DevToolsRpcClient::connect(&server.url).await.unwrap();
    let state = in_time(rpc.shared_state::<Vec<u32>>(KEY)).await.unwrap();
    for round in 0..100 {
        let misfit = json!([{"op": "replace", "path": ["a", "b"], "value": round}]);
        server.send(patched(&misfit, &format!("misfit {round}")));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(until_doubt(&state, false).await.is_none());
    // The pauses are 0, 20, 40, 80 and 160 milliseconds and so on, so many a machine that is busy asks less often.
    assert!(server.gets() <= 12, "{}", server.gets());
    assert_eq!(*state.value(), [7]);
    server.send(updated(&json!([8]), "whole"));
    until(&state, |numbers| *numbers == [8]).await;
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_asked_for_a_few_times() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let list = List::default();
    let answer: Answer = {
        let (list, is_broken) = (list.clone(), Arc::clone(&is_broken));
        Box::new(move || {
            let outcome = if is_broken.load(Ordering::SeqCst) {
                Err("it is lost")
            } else {
                Ok(list.value())
            };
            (Vec::new(), outcome)
        })
    };
    let server = Scripted::serve(answer).await;
    let rpc = DevToolsRpcClient::connect(&server.url).await.unwrap();
    let state = in_time(rpc.shared_state::<Vec<u32>>(KEY)).await.unwrap();
    let misfit = json!([{"op": "remove", "path": [3]}]);

    is_broken.store(true, Ordering::SeqCst);
    server.send(patched(&misfit, "misfit"));
    let error = until_doubt(&state, true).await.unwrap();
    assert!(
        matches!(*error, SyncError::Change { .. } | SyncError::Read { .. }),
        "{error}"
    );
    eventually(|| server.gets() == 1 + 8).await;
    // The longest pause would be over by then.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(server.gets(), 1 + 8);
    let error = state.sync_errors().borrow().clone().unwrap();
    assert!(matches!(*error, SyncError::Read { .. }), "{error}");

    // The next change begins again.
    is_broken.store(false, Ordering::SeqCst);
    list.grow();
    server.send(list.grow());
    until(&state, |numbers| *numbers == [0, 1]).await;
    assert!(until_doubt(&state, false).await.is_none());
}

#[tokio::test]
async fn a_value_of_another_type_is_shown_as_an_error() {
    let answer: Answer = Box::new(|| (Vec::new(), Ok(json!({"a": 1}))));
    let server = Scripted::serve(answer).await;
    let rpc = DevToolsRpcClient::connect(&server.url).await.unwrap();
    let initial = BTreeMap::from([("b".to_owned(), 2)]);
    let state = rpc.shared_state_or(KEY, initial).await.unwrap();
    until(&state, |value| value.len() == 2).await;
    server.send(updated(&json!({"a": "text"}), "of another type"));
    let error = until_doubt(&state, true).await.unwrap();
    assert!(matches!(*error, SyncError::Type { .. }), "{error}");
    assert_eq!(state.value()["a"], 1);
    server.send(updated(&json!({"a": 3}), "right"));
    until(&state, |value| value["a"] == 3).await;
    assert!(until_doubt(&state, false).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_applied_twice_by_a_client_that_opens_a_state() {
    let server = serve().await;
    let states = server.devtools().context().rpc().shared_states();
    let ours = states.get::<Board>("state:patched").unwrap().unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let growing = tokio::spawn({
        let (ours, stop) = (ours.clone(), Arc::clone(&stop));
        async move {
            while !stop.load(Ordering::Relaxed) {
                ours.mutate(|board| {
                    if board.items.len() > 50 {
                        board.items.clear();
                    }
                    board.count += 1;
                    board.items.push(board.count.to_string());
                })
                .unwrap();
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        }
    });
    let mut opened = Vec::new();
    for _ in 0..40 {
        let rpc = connect(&server).await;
        let state = in_time(rpc.shared_state::<Board>("state:patched"))
            .await
            .unwrap();
        for _ in 0..3 {
            let board = state.value();
            // A change that is left out may put later ones in another place. Only a change that is applied twice makes equal items.
            let items: BTreeSet<_> = board.items.iter().collect();
            assert_eq!(items.len(), board.items.len(), "{:?}", board.items);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if opened.len() < 2 {
            opened.push((rpc, state));
        } else {
            rpc.close();
        }
    }
    stop.store(true, Ordering::Relaxed);
    in_time(growing).await.unwrap();
    for (_rpc, state) in &opened {
        until(state, |board| *board == *ours.value()).await;
    }
}

//! The keys of the server, and the types of their values.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use devtools_runtime::state::{MutateError, SharedStateError};
use tests::wait::eventually;

use crate::boards::{connect, serve, until};

#[tokio::test]
async fn a_key_has_one_type_and_one_value() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let first = rpc.shared_state("state:x", 1_u32).unwrap();
    let second = rpc.shared_state("state:x", 2_u32).unwrap();
    second.mutate(|value| *value += 10).unwrap();
    assert_eq!(*first.value(), 11);
    let error = rpc.shared_state("state:x", String::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the shared state `state:x` has the type `u32`, not `alloc::string::String`"
    );
    let keys = [
        "devframe:services",
        "state:board",
        "state:patched",
        "state:x",
    ];
    let states = rpc.shared_states();
    assert!(
        states
            .keys()
            .iter()
            .filter(|key| !key.starts_with("devframe:"))
            .eq(&keys[1..])
    );
    assert!(states.keys().contains(&keys[0].to_owned()));

    let added = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&added);
    states.on_key_added(move |key| hears.lock().unwrap().push(key.to_owned()));
    rpc.shared_state("state:y", ()).unwrap();
    rpc.shared_state("state:y", ()).unwrap();
    assert_eq!(*added.lock().unwrap(), ["state:y"]);
    assert!(states.delete("state:y") && !states.delete("state:y"));
    assert!(states.get::<()>("state:y").unwrap().is_none());
}

#[tokio::test]
async fn a_change_that_panics_or_cannot_be_written_changes_nothing() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let state = rpc.shared_state("state:x", vec![1]).unwrap();
    let panicked = std::thread::spawn({
        let state = state.clone();
        move || {
            let change = |value: &mut Vec<i32>| {
                value.push(2);
                panic!("in the middle of it");
            };
            state.mutate(change)
        }
    });
    assert!(panicked.join().is_err());
    assert_eq!(*state.value(), [1]);
    state.mutate(|value| value.push(3)).unwrap();
    assert_eq!(*state.value(), [1, 3]);

    let map = rpc
        .shared_state("state:map", BTreeMap::<Vec<u8>, u8>::new())
        .unwrap();
    let error = map.mutate(|map| map.insert(vec![1], 1)).unwrap_err();
    assert!(matches!(error, MutateError::Encode { .. }), "{error:?}");
    assert!(map.value().is_empty());
}

#[tokio::test]
async fn what_a_client_has_made_gets_the_type_of_the_program() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let client = connect(&server).await;
    for (key, value) in [("made:fits", "7"), ("made:misfits", "seven")] {
        let value: serde_json::Value = serde_json::from_str(value).unwrap_or(value.into());
        let made = client
            .shared_state_or(key, serde_json::Value::Null)
            .await
            .unwrap();
        made.set(value).unwrap();
        eventually(|| rpc.shared_states().keys().contains(&key.to_owned())).await;
    }
    assert_eq!(*rpc.shared_state("made:fits", 0_u8).unwrap().value(), 7);
    let misfit = rpc.shared_states().get::<u8>("made:misfits").unwrap_err();
    assert!(
        matches!(misfit, SharedStateError::OtherType { .. }),
        "{misfit:?}"
    );
    let state = rpc.shared_state("made:misfits", 3_u8).unwrap();
    assert_eq!(*state.value(), 3);
    // The client is told, and what it changes must fit from now on.
    let theirs = client
        .shared_state::<serde_json::Value>("made:misfits")
        .await
        .unwrap();
    until(&theirs, |value| *value == 3).await;
    theirs.set("four".into()).unwrap();
    until(&theirs, |value| *value == 3).await;
    theirs.set(4.into()).unwrap();
    until(&state, |value| *value == 4).await;
}

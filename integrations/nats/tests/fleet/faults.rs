//! Faults of the server that shared states meet: no room, values that are too large, and values that are lost.

use std::time::Duration;

use devtools_runtime::backplane::{Backplane as _, Message, Replaced};
use devtools_runtime::{CallError, DevTools};

use crate::clients::{in_time, program};
use crate::server::NatsServer;

/// Sets a shared state, as clients of any language do.
async fn set(devtools: &DevTools, key: &str, value: String, id: &str) -> Result<(), CallError> {
    let client = devtools.client();
    in_time(client.call_dynamic("devframe:rpc:server-state:set", (key, value, id))).await
}

#[tokio::test]
async fn a_full_store_refuses_changes_and_recovers() {
    let Some(server) = NatsServer::start("a full store") else {
        return;
    };
    let nats = server.options().store_bytes(100_000);
    let devtools = program(nats.connect().await.unwrap()).await;
    set(&devtools, "fleet:small", "a".repeat(1_000), "1")
        .await
        .unwrap();
    let error = set(&devtools, "fleet:large", "b".repeat(200_000), "2")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("NATS has no room"), "{error}");
    // The others go on, and a value that fits is stored.
    set(&devtools, "fleet:small", "c".repeat(1_000), "3")
        .await
        .unwrap();
    set(&devtools, "fleet:large", "d".to_owned(), "4")
        .await
        .unwrap();
    let other = program(server.options().connect().await.unwrap()).await;
    let states = other.context().rpc().shared_states();
    let value = states
        .get::<String>("fleet:large")
        .unwrap()
        .unwrap()
        .value();
    assert_eq!(*value, "d");
}

#[tokio::test]
async fn a_value_over_the_largest_message_is_refused() {
    let Some(server) = NatsServer::start("a value that is too large") else {
        return;
    };
    let devtools = program(server.options().connect().await.unwrap()).await;
    let large = "a".repeat(1_500_000);
    let error = set(&devtools, "fleet:large", large, "1").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("1048576 bytes that NATS accepts"),
        "{error}"
    );
    let states = devtools.context().rpc().shared_states();
    let error = in_time(states.stored()).await.unwrap_err();
    assert!(error.to_string().contains("fleet:large"), "{error}");
    set(&devtools, "fleet:large", "small".to_owned(), "2")
        .await
        .unwrap();
    in_time(states.stored()).await.unwrap();
}

#[tokio::test]
async fn values_that_the_server_has_lost_are_stored_again() {
    let Some(server) = NatsServer::start("a store that is deleted") else {
        return;
    };
    let devtools = program(server.options().connect().await.unwrap()).await;
    let state = devtools
        .context()
        .rpc()
        .shared_state("fleet:count", 1)
        .unwrap();
    state.set(2).unwrap();
    let stored = devtools.context().rpc().shared_states().stored();
    in_time(stored).await.unwrap();
    let client = async_nats::connect(server.address()).await.unwrap();
    let streams = async_nats::jetstream::new(client);
    streams.delete_stream("KV_devtools-states").await.unwrap();
    in_time(async {
        loop {
            let other = program(server.options().connect().await.unwrap()).await;
            let states = other.context().rpc().shared_states();
            if let Some(state) = states.get::<u32>("fleet:count").unwrap() {
                assert_eq!(*state.value(), 2);
                break;
            }
        }
    })
    .await;
    state.set(3).unwrap();
    let stored = devtools.context().rpc().shared_states().stored();
    in_time(stored).await.unwrap();
}

#[tokio::test]
async fn a_removal_that_left_no_mark_is_noticed_by_the_next_change() {
    let Some(server) = NatsServer::start("a removal without a mark") else {
        return;
    };
    let devtools = program(server.options().connect().await.unwrap()).await;
    let states = devtools.context().rpc().shared_states();
    let state = devtools
        .context()
        .rpc()
        .shared_state("fleet:count", 1)
        .unwrap();
    in_time(states.stored()).await.unwrap();
    let client = async_nats::connect(server.address()).await.unwrap();
    let streams = async_nats::jetstream::new(client);
    let stream = streams.get_stream("KV_devtools-states").await.unwrap();
    // A process that is cut off for long misses the mark, which is deleted after a while.
    let key = "$KV.devtools-states.ZmxlZXQ6Y291bnQ";
    let purged = stream.purge().filter(key).await.unwrap();
    assert_eq!(purged.purged, 1);
    state.set(2).unwrap();
    in_time(async {
        while states.keys().contains(&"fleet:count".to_owned()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let again = devtools
        .context()
        .rpc()
        .shared_state("fleet:count", 3)
        .unwrap();
    in_time(states.stored()).await.unwrap();
    let other = program(server.options().connect().await.unwrap()).await;
    let other = other
        .context()
        .rpc()
        .shared_states()
        .get::<u32>("fleet:count");
    assert_eq!(*other.unwrap().unwrap().value(), 3);
    assert_eq!(*again.value(), 3);
}

#[tokio::test]
async fn the_mark_of_a_removed_key_goes_and_a_new_value_stays() {
    let Some(server) = NatsServer::start("the marks of removed keys") else {
        return;
    };
    let options = server.options().removal_age(Duration::from_millis(200));
    let nats = options.connect().await.unwrap();
    let value = || Some(Message::default());
    for key in ["gone", "again"] {
        let Replaced::Done(revision) = nats.replace("marks", key, None, value()).await.unwrap()
        else {
            panic!("the key is new");
        };
        let removed = nats.replace("marks", key, Some(revision), None).await;
        assert!(matches!(removed.unwrap(), Replaced::Done(_)));
    }
    let again = nats.replace("marks", "again", None, value()).await.unwrap();
    let client = async_nats::connect(server.address()).await.unwrap();
    let streams = async_nats::jetstream::new(client);
    in_time(async {
        loop {
            let mut stream = streams.get_stream("KV_devtools-marks").await.unwrap();
            if stream.info().await.unwrap().state.messages == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let Replaced::Done(revision) = again else {
        panic!("the key was removed");
    };
    let (_, stored) = nats.get("marks", "again").await.unwrap().unwrap();
    assert_eq!(stored, revision);
    assert_eq!(nats.get("marks", "gone").await.unwrap(), None);
}

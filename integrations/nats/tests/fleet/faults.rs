//! Faults of the server: no room, values that are too large, and values that are lost.

use std::time::Duration;

use devtools_runtime::backplane::{Backplane as _, Message, Replaced};
use devtools_runtime::{CallError, DevTools, Limits, define_rpc_function};

use crate::clients::{Count, counts, program};
use crate::server::NatsServer;
use crate::workers::{gateway, worker};
use tests::poll::eventually_async;
use tests::wait::in_time;

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
    in_time(Box::pin(async {
        loop {
            let other = program(server.options().connect().await.unwrap()).await;
            let states = other.context().rpc().shared_states();
            if let Some(state) = states.get::<u32>("fleet:count").unwrap() {
                assert_eq!(*state.value(), 2);
                break;
            }
        }
    }))
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

#[tokio::test]
async fn a_full_account_refuses_events_and_values_and_recovers() {
    let account = r"
        no_auth_user: lens
        accounts { LENS {
            jetstream: { max_file: 400000, max_memory: -1 }
            users: [{ user: lens, password: lens }]
        } }
    ";
    let Some(server) = NatsServer::start_with("a full account", account) else {
        return;
    };
    let options = server.options().event_bytes(50_000).store_bytes(50_000);
    let one = program(options.clone().connect().await.unwrap()).await;
    let two = program(options.connect().await.unwrap()).await;
    let client = two.client();
    let mut received = counts(&client);
    set(&one, "fleet:state", "a".to_owned(), "1").await.unwrap();

    let fill = async_nats::connect(server.address()).await.unwrap();
    let fill = async_nats::jetstream::new(fill);
    let config = async_nats::jetstream::stream::Config {
        name: "fill".to_owned(),
        ..Default::default()
    };
    fill.create_stream(config).await.unwrap();
    in_time(async {
        let mut size = 10_000;
        while size > 0 {
            let filled = fill.publish("fill", "f".repeat(size).into()).await.unwrap();
            if filled.await.is_err() {
                size /= 100;
            }
        }
    })
    .await;
    // Larger than the signs of life, which make room when they expire.
    let large = "l".repeat(5_000);
    for number in 0..3 {
        let refused = in_time(Count::broadcast(one.context(), &*large, number)).await;
        let refused = refused.unwrap_err();
        let source = std::error::Error::source(&refused).unwrap().to_string();
        assert!(source.contains("NATS has no room"), "{refused}: {source}");
    }
    let refused = set(&one, "fleet:state", large.clone(), "2").await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("NATS has no room"), "{refused}");

    fill.delete_stream("fill").await.unwrap();
    in_time(async {
        while Count::broadcast(one.context(), &*large, 7).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(in_time(received.recv()).await, Some((large.clone(), 7)));
    // NATS has lost the former value with the one that it has refused.
    set(&one, "fleet:state", large.clone(), "3").await.unwrap();
    in_time(one.context().rpc().shared_states().stored())
        .await
        .unwrap();
    let three = program(server.options().connect().await.unwrap()).await;
    let states = three.context().rpc().shared_states();
    let state = states.get::<String>("fleet:state").unwrap().unwrap();
    assert_eq!(*state.value(), large);
}

#[tokio::test]
async fn processes_that_the_server_has_forgotten_are_listed_again() {
    let Some(server) = NatsServer::start("processes that are forgotten") else {
        return;
    };
    let options = server.options().process_age(Duration::from_secs(1));
    let one = options.clone().connect().await.unwrap();
    let two = options.connect().await.unwrap();
    let client = async_nats::connect(server.address()).await.unwrap();
    let streams = async_nats::jetstream::new(client);
    streams.delete_stream("devtools-processes").await.unwrap();
    for (link, other) in [(&one, &two), (&two, &one)] {
        eventually_async(
            async || matches!(link.members().await, Ok(members) if members == [other.process()]),
        )
        .await;
    }
}

#[tokio::test]
async fn a_reply_over_the_largest_message_names_its_size_and_that_the_call_has_run() {
    let Some(server) = NatsServer::start("a reply that is too large") else {
        return;
    };
    let link = async || server.options().connect().await.unwrap();
    let large = define_rpc_function("faults:large").action();
    let large = large.handler(|size: usize| "a".repeat(size));
    let worker = worker(link().await, Limits::new(), vec![large]).await;
    let (_gateway, client) = gateway(link().await, "faults:large").await;
    let call = |size: usize| in_time(client.call_dynamic::<String>("faults:large", (size,)));
    match call(1_500_000).await {
        Err(CallError::Remote(error)) => {
            assert_eq!(error.code.as_deref(), Some("worker-failed"));
            for part in [
                "`faults:large`",
                "was carried out",
                "15000",
                "1048576 bytes",
            ] {
                assert!(error.message.contains(part), "{part}: {error}");
            }
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(call(1_000_000).await.unwrap().len(), 1_000_000);
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_may_have_more_functions_than_fit_into_a_message() {
    let Some(server) = NatsServer::start("many functions") else {
        return;
    };
    let link = async || server.options().connect().await.unwrap();
    let functions = (0..2_000_u32).map(|number| {
        let function = define_rpc_function(format!("many:{number}")).query();
        let function = function.description("d".repeat(1_000));
        function.handler(move || number)
    });
    let worker = worker(link().await, Limits::new(), functions.collect()).await;
    let (gateway, client) = gateway(link().await, "many:1999").await;
    for number in [0, 700, 1_999_u32] {
        let function = format!("many:{number}");
        let called = in_time(client.call_dynamic::<u32>(&function, ())).await;
        assert_eq!(called.unwrap(), number);
    }
    let workers = gateway.context().rpc().workers();
    assert_eq!(workers[0].functions().len(), 2_000);
    worker.stop().await;
}

//! The transport against the server of this crate.

use std::sync::{Arc, Mutex};

use devtools_macros::rpc_function;
use serde_json::Value;
use tokio::sync::{Barrier, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use super::scripted::{After, in_time, scripted};
use crate::DevToolsRpcClient;
use crate::client::dial::Dialer;
use crate::client::sse::connect;
use crate::devtools::{DevTools, Server};
use crate::function::{CallError, define_rpc_function};
use crate::host::{Auth, SessionTransport};
use crate::peer::{Caller as _, Limits};

#[rpc_function(name = "sse-client:note", kind = "event")]
async fn note(number: usize);

#[rpc_function(name = "sse-client:double", side = "client")]
async fn double(number: i64) -> i64;

/// A server, and what its functions share with the test.
pub(super) struct Fixture {
    pub(super) server: Server,
    pub(super) notes: Arc<Mutex<Vec<usize>>>,
    /// Lets `wait` return.
    pub(super) go: Arc<Semaphore>,
    /// Hears of every `wait` that has begun.
    pub(super) begun: mpsc::UnboundedReceiver<()>,
}

impl Fixture {
    async fn with(limits: Limits) -> Self {
        let devtools = DevTools::builder().auth(Auth::None).limits(limits).build();
        let devtools = devtools.await.unwrap();
        let notes = Arc::new(Mutex::new(Vec::new()));
        let go = Arc::new(Semaphore::new(0));
        let (begins, begun) = mpsc::unbounded_channel();
        let (writes, reads, waits) = (Arc::clone(&notes), Arc::clone(&notes), Arc::clone(&go));
        let everybody = Arc::new(Barrier::new(100));
        for function in [
            define_rpc_function("sse-client:echo").handler(|value: Value| value),
            define_rpc_function("sse-client:note")
                .event()
                .handler(move |number: usize| writes.lock().unwrap().push(number)),
            define_rpc_function("sse-client:notes").handler(move || reads.lock().unwrap().clone()),
            define_rpc_function("sse-client:wait").async_handler(move || {
                let waits = Arc::clone(&waits);
                begins.send(()).unwrap();
                async move { waits.acquire().await.unwrap().forget() }
            }),
            define_rpc_function("sse-client:meet").async_handler(move |number: usize| {
                let everybody = Arc::clone(&everybody);
                async move {
                    everybody.wait().await;
                    number
                }
            }),
        ] {
            devtools.context().rpc().register(function).unwrap();
        }
        Self {
            server: devtools.bind("127.0.0.1:0").await.unwrap(),
            notes,
            go,
            begun,
        }
    }

    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    fn url(&self) -> String {
        self.server.url() + "__sse"
    }

    async fn client_with(&self, limits: Limits) -> DevToolsRpcClient {
        let transport = in_time(connect(&Dialer::default(), &self.url(), &limits))
            .await
            .unwrap();
        let client = DevToolsRpcClient::over(transport, &limits);
        client.register::<Double>(|number: i64| async move { number * 2 });
        client
    }

    async fn client(&self) -> DevToolsRpcClient {
        self.client_with(Limits::default()).await
    }
}

async fn echo(client: &DevToolsRpcClient, value: Value) -> Value {
    let echoed = client.call_dynamic("sse-client:echo", (value,));
    in_time(echoed).await.unwrap()
}

#[tokio::test]
async fn both_sides_call_each_other() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    assert_eq!(echo(&client, "ü\n".into()).await, "ü\n");
    let error = client.call_dynamic::<Value>("sse-client:nope", ()).await;
    assert!(matches!(error, Err(CallError::UnknownFunction(_))));

    let session = fixture.server.devtools().context().rpc().sessions()[0].clone();
    assert_eq!(in_time(Double::call(&session, 21)).await.unwrap(), 42);
    // A call within a call.
    let (asks, asked) = (session.clone(), session);
    let ask = define_rpc_function("sse-client:ask").async_handler(move |number: i64| {
        let asks = asks.clone();
        async move { Double::call(&asks, number).await.unwrap() }
    });
    let rpc = fixture.server.devtools().context().rpc();
    rpc.register(ask).unwrap();
    let answer = client.call_dynamic::<i64>("sse-client:ask", (4,));
    assert_eq!(in_time(answer).await.unwrap(), 8);
    drop(client);
    in_time(asked.peer().closed()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_arrive_in_order_and_before_a_later_call() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    in_time(async {
        for number in 0..1000 {
            Note::notify(&client, number).await.unwrap();
        }
    })
    .await;
    let notes = client.call_dynamic::<Vec<usize>>("sse-client:notes", ());
    let notes = in_time(notes).await.unwrap();
    assert!(notes.into_iter().eq(0..1000));
}

#[tokio::test]
async fn events_that_were_sent_are_delivered_by_a_client_that_closes() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    let session = fixture.server.devtools().context().rpc().sessions()[0].clone();
    for number in 0..100 {
        Note::notify(&client, number).await.unwrap();
    }
    drop(client);
    in_time(session.peer().closed()).await;
    assert!(fixture.notes.lock().unwrap().iter().copied().eq(0..100));
}

#[tokio::test]
async fn a_large_frame_goes_both_ways() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    let large = Value::from("x".repeat(5 * 1024 * 1024));
    assert_eq!(echo(&client, large.clone()).await, large);
    // Down the event stream too.
    let (sender, mut receiver) = mpsc::unbounded_channel();
    client.register::<Take>(move |text: String| {
        sender.send(text.len()).unwrap();
        async {}
    });
    let session = fixture.server.devtools().context().rpc().sessions()[0].clone();
    Take::notify(&session, large.as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(in_time(receiver.recv()).await, Some(5 * 1024 * 1024));
}

#[rpc_function(name = "sse-client:take", kind = "event", side = "client")]
async fn take(text: String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_are_under_way_at_once() {
    let fixture = Fixture::new().await;
    let client = fixture.client().await;
    // Twice, so that connections are used again.
    for _ in 0..2 {
        let mut calls = JoinSet::new();
        for number in 0..100_usize {
            let client = client.clone();
            calls.spawn(async move {
                let met = client.call_dynamic::<usize>("sse-client:meet", (number,));
                assert_eq!(met.await.unwrap(), number);
            });
        }
        in_time(calls.join_all()).await;
    }
}

#[tokio::test]
async fn replies_pass_by_calls_that_fill_the_bound() {
    let mut fixture = Fixture::new().await;
    let limits = Limits::new().calls_in_flight(2);
    let client = fixture.client_with(limits).await;
    let mut calls = JoinSet::new();
    for _ in 0..3 {
        let client = client.clone();
        calls.spawn(async move { client.call_dynamic::<()>("sse-client:wait", ()).await });
    }
    for _ in 0..2 {
        in_time(fixture.begun.recv()).await.unwrap();
    }
    let session = fixture.server.devtools().context().rpc().sessions()[0].clone();
    assert_eq!(in_time(Double::call(&session, 1)).await.unwrap(), 2);
    assert!(fixture.begun.try_recv().is_err(), "the third one is held");
    fixture.go.add_permits(3);
    for outcome in in_time(calls.join_all()).await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_call_makes_room_for_another() {
    let mut fixture = Fixture::new().await;
    let limits = Limits::new().calls_in_flight(1);
    let client = fixture.client_with(limits).await;
    for _ in 0..3 {
        tokio::select! {
            _ = client.call_dynamic::<()>("sse-client:wait", ()) => panic!("nobody lets it go"),
            _ = in_time(fixture.begun.recv()) => {}
        }
    }
    assert_eq!(echo(&client, 1.into()).await, 1);
}

#[tokio::test]
async fn the_metadata_says_that_there_is_no_other_way() {
    let fixture = Fixture::new().await;
    for (backend, others) in [("sse", r#""websocket":{"path":"__ws"},"#), ("none", "")] {
        let meta = format!(
            r#"{{"backend":"{backend}",{others}"sse":"{}"}}"#,
            fixture.url()
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{meta}",
            meta.len()
        );
        let (url, _serving) = scripted(&[&answer], After::End).await;
        let client = in_time(DevToolsRpcClient::connect(&url)).await.unwrap();
        assert_eq!(echo(&client, 1.into()).await, 1);
        let session = fixture.server.devtools().context().rpc().sessions()[0].clone();
        assert_eq!(session.transport(), SessionTransport::Sse);
        drop(client);
        in_time(session.peer().closed()).await;
        while !fixture
            .server
            .devtools()
            .context()
            .rpc()
            .sessions()
            .is_empty()
        {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_server_that_goes_away_ends_the_connection() {
    for politely in [true, false] {
        let mut fixture = Fixture::new().await;
        let client = fixture.client().await;
        let waiting = client.clone();
        let call = async move { waiting.call_dynamic::<()>("sse-client:wait", ()).await };
        let call = AbortOnDropHandle::new(tokio::spawn(call));
        in_time(fixture.begun.recv()).await.unwrap();
        if politely {
            let server = AbortOnDropHandle::new(tokio::spawn(fixture.server.shutdown()));
            fixture.go.add_permits(1);
            in_time(call).await.unwrap().unwrap(); // what it owes is delivered
            in_time(server).await.unwrap();
        } else {
            drop(fixture.server);
            let outcome = in_time(call).await.unwrap();
            assert!(matches!(outcome, Err(CallError::Disconnected(_))));
        }
        in_time(client.closed()).await;
        let late = client.call_dynamic::<Value>("sse-client:echo", (1,)).await;
        assert!(matches!(late, Err(CallError::Disconnected(_))));
    }
}

#[tokio::test]
async fn a_frame_over_the_limit_of_the_server_fails_its_call_alone() {
    let fixture = Fixture::with(Limits::new().frame_bytes(1024)).await;
    let client = fixture.client().await;
    let call = client.call_dynamic::<Value>("sse-client:echo", ("x".repeat(1024),));
    match in_time(call).await {
        Err(CallError::TooLarge { size, limit: None }) => assert!(size > 1024),
        other => panic!("{other:?}"),
    }
    let call = client.call_dynamic::<Value>("sse-client:echo", (1,));
    assert!(in_time(call).await.is_ok());
}

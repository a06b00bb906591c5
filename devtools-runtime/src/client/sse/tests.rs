//! The transport against the server of this crate, and against servers that keep to no protocol.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_macros::rpc_function;
use futures_core::Stream as _;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::DevToolsRpcClient;
use crate::client::sse::{SseTransport, connect};
use crate::devtools::{DevTools, Server};
use crate::function::{CallError, define_rpc_function};
use crate::host::{Auth, SessionTransport};
use crate::peer::{Caller as _, Frame, Limits, TransportError};

#[rpc_function(name = "sse-client:note", kind = "event")]
async fn note(number: usize);

#[rpc_function(name = "sse-client:double", side = "client")]
async fn double(number: i64) -> i64;

async fn in_time<F: Future>(future: F) -> F::Output {
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, future).await.expect("in time")
}

// ---- the server of this crate -----------------------------------------------------------------

/// A server, and what its functions share with the test.
struct Fixture {
    server: Server,
    notes: Arc<Mutex<Vec<usize>>>,
    /// Lets `wait` return.
    go: Arc<Semaphore>,
    /// Hears of every `wait` that has begun.
    begun: mpsc::UnboundedReceiver<()>,
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
        let transport = in_time(connect(&self.url(), &limits)).await.unwrap();
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

// ---- servers of a script ----------------------------------------------------------------------

/// Answers each connection with these bytes, in turn, once its request has come. It closes them with `After::End`.
async fn scripted(answers: &[&str], after: After) -> (String, AbortOnDropHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/__sse?devframe_auth_token=t#x",
        listener.local_addr().unwrap()
    );
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    let serving = tokio::spawn(async move {
        let mut streams = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
            if let After::Repeat(piece) = after {
                while stream.write_all(piece.as_bytes()).await.is_ok() {}
            }
            if let After::Stay = after {
                streams.push(stream);
            }
        }
        std::future::pending::<Infallible>().await;
    });
    (url, AbortOnDropHandle::new(serving))
}

#[derive(Clone, Copy)]
enum After {
    End,
    Stay,
    /// The same again, until nobody reads it any more.
    Repeat(&'static str),
}

/// The head and body of a request.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split_once("content-length: ").map_or(0, |(_, rest)| {
                rest.split("\r\n").next().unwrap().parse().unwrap()
            });
            if body.len() >= length {
                return text;
            }
        }
        let read = stream.read_buf(&mut request).await.unwrap();
        assert!(read > 0, "a whole request");
    }
}

const OPEN: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: session\ndata: id\n\n";

async fn next(transport: &mut SseTransport) -> Option<Result<Frame, TransportError>> {
    in_time(poll_fn(|context| {
        Pin::new(&mut *transport).poll_next(context)
    }))
    .await
}

async fn send(transport: &mut SseTransport, frame: &str) -> Result<(), TransportError> {
    use futures_sink::Sink as _;

    let mut transport = Pin::new(transport);
    in_time(poll_fn(|context| transport.as_mut().poll_ready(context))).await?;
    transport.as_mut().start_send(frame.to_owned().into())
}

#[tokio::test]
async fn what_is_no_event_stream_is_refused() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let stream = |text: &str| format!("{head}{text}");
    let cases = [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nhi".to_owned(),
            "answered with the content type `text/html` instead of an event stream",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_owned(),
            "answered with the content type `` instead of an event stream",
        ),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "answered 404 Not Found",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n".to_owned(),
            "answered 302 Found",
        ),
        ("nonsense\r\n\r\n".to_owned(), "invalid HTTP version"),
        (String::new(), "closed before message completed"),
        (stream(""), "ended before it sent the id of its session"),
        (
            stream("<p>garbage</p>\n\n\0\n\n"),
            "ended before it sent the id of its session",
        ),
        (
            stream(": ping\n\ndata: {}\n\n"),
            "does not begin with the id of its session",
        ),
        (
            stream("event: session\ndata: a\ndata: b\n\n"),
            "failed to parse header value",
        ),
    ];
    for (answer, error) in &cases {
        let (url, _serving) = scripted(&[answer], After::End).await;
        let refused = in_time(connect(&url, &Limits::default())).await;
        let refused = refused.err().unwrap().to_string();
        assert!(refused.contains(error), "{refused}");
    }
    println!("what is no event stream: {} answers", cases.len());

    let refused = connect("https://127.0.0.1:1/__sse", &Limits::default()).await;
    let refused = refused.err().unwrap().to_string();
    assert_eq!(refused, "the scheme `https` is not supported: use `http`");
}

#[tokio::test]
async fn an_endless_event_is_bounded() {
    let limits = Limits::new().frame_bytes(64 * 1024);
    for piece in ["0123456789abcdef", "\ndata: 0123456789abcdef"] {
        let opening = format!("{OPEN}data: ");
        let (url, _serving) = scripted(&[&opening], After::Repeat(piece)).await;
        let mut transport = in_time(connect(&url, &limits)).await.unwrap();
        let ended = next(&mut transport).await.unwrap();
        assert!(matches!(
            ended,
            Err(TransportError::TooLarge {
                size: 65_537..,
                limit: 65_536
            })
        ));
        assert!(next(&mut transport).await.is_none());
        assert!(send(&mut transport, "{}").await.is_err());
    }
}

#[tokio::test]
async fn a_post_repeats_the_query_and_names_the_session() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/x/__sse?devframe_auth_token=a%20b#x",
        listener.local_addr().unwrap()
    );
    let limits = Limits::default();
    let (transport, mut events) = tokio::join!(connect(&url, &limits), async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        assert!(request.starts_with("get /x/__sse?devframe_auth_token=a%20b http/1.1\r\n"));
        stream.write_all(OPEN.as_bytes()).await.unwrap();
        stream
    });
    let mut transport = transport.unwrap();
    let call = r#"{"m":"f","a":[],"t":"q","i":"1"}"#;
    send(&mut transport, call).await.unwrap();
    let (mut stream, _) = in_time(listener.accept()).await.unwrap();
    let request = in_time(read_request(&mut stream)).await;
    for part in [
        "post /x/__sse?devframe_auth_token=a%20b http/1.1\r\n",
        &format!("\r\nhost: {}\r\n", listener.local_addr().unwrap()),
        "\r\nx-birpc-session: id\r\n",
        "\r\ncontent-type: text/plain; charset=utf-8\r\n",
        call,
    ] {
        assert!(request.contains(part), "{part:?} is not in {request:?}");
    }
    let reply = r#"{"t":"s","i":"1"}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{reply}",
        reply.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);

    // The connection is used again, until the server has closed it.
    send(&mut transport, call).await.unwrap();
    in_time(read_request(&mut stream)).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);
    drop(stream);
    // Once this has come, so has that.
    events.write_all(b"data: 0\n\n").await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), "0");
    send(&mut transport, call).await.unwrap();
    let accepted = listener.accept();
    let (mut stream, _) = tokio::select! {
        accepted = in_time(accepted) => accepted.unwrap(),
        ended = next(&mut transport) => panic!("{ended:?}"),
    };
    in_time(read_request(&mut stream)).await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), reply);

    // What comes after a reply that was there first is passed on too, and then the end.
    events
        .write_all(b"data: 1\n\n: ping\n\ndata: 2\n\n")
        .await
        .unwrap();
    drop(events);
    for text in ["1", "2"] {
        assert_eq!(next(&mut transport).await.unwrap().unwrap().as_str(), text);
    }
    assert!(next(&mut transport).await.is_none());
}

#[tokio::test]
async fn a_post_that_is_refused_ends_the_session() {
    let call = r#"{"m":"f","a":[],"t":"q","i":"1"}"#;
    for (answer, error) in [
        (
            "400 Bad Request",
            "the session has ended: the server answered a POST with 400 Bad Request",
        ),
        (
            "409 Conflict",
            "the session has ended: the server answered a POST with 409 Conflict",
        ),
        (
            "500 Internal Server Error",
            "the server answered a POST with 500 Internal Server Error",
        ),
    ] {
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        let (url, _serving) = scripted(&[OPEN, &answer], After::Stay).await;
        let mut transport = in_time(connect(&url, &Limits::default())).await.unwrap();
        send(&mut transport, call).await.unwrap();
        let ended = next(&mut transport).await.unwrap().unwrap_err();
        assert_eq!(ended.to_string(), error);
        assert!(next(&mut transport).await.is_none());
    }
}

#[tokio::test]
async fn a_reply_is_bounded() {
    let limits = Limits::new().frame_bytes(64);
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n{}",
        "x".repeat(65)
    );
    let (url, _serving) = scripted(&[OPEN, &answer], After::Stay).await;
    let mut transport = in_time(connect(&url, &limits)).await.unwrap();
    send(&mut transport, r#"{"m":"f","t":"q","i":"1"}"#)
        .await
        .unwrap();
    let ended = next(&mut transport).await.unwrap();
    assert!(matches!(
        ended,
        Err(TransportError::TooLarge {
            size: 65,
            limit: 64
        })
    ));
}

#[tokio::test]
async fn a_reply_comes_after_the_events_that_were_sent_before_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/__sse", listener.local_addr().unwrap());
    let opening = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await;
        stream.write_all(OPEN.as_bytes()).await.unwrap();
        (listener, stream)
    });
    let connected = in_time(connect(&url, &Limits::default())).await;
    let mut transport = connected.unwrap();
    let (listener, mut stream) = opening.await.unwrap();
    send(&mut transport, r#"{"m":"f","t":"q","i":"1"}"#)
        .await
        .unwrap();
    let (posted, ()) = tokio::join!(
        async {
            let (mut post, _) = listener.accept().await.unwrap();
            read_request(&mut post).await;
            let head = "HTTP/1.1 200 OK\r\nx-birpc-after-events: 2\r\ncontent-length: 5";
            let answer = format!("{head}\r\n\r\nreply");
            post.write_all(answer.as_bytes()).await.unwrap();
            post
        },
        async {
            // The reply is here well before this is over.
            let early = Duration::from_millis(200);
            let next = poll_fn(|context| Pin::new(&mut transport).poll_next(context));
            let early = tokio::time::timeout(early, next).await;
            assert!(early.is_err(), "{early:?}");
        }
    );
    let events = "data: 1\n\ndata: 2\n\ndata: 3\n\n";
    stream.write_all(events.as_bytes()).await.unwrap();
    for expected in ["1", "2", "reply", "3"] {
        let frame = next(&mut transport).await.unwrap().unwrap();
        assert_eq!(frame.as_str(), expected);
    }
    drop(posted);
}

#[tokio::test]
async fn a_server_without_a_sign_of_life_is_dead() {
    let (url, _serving) = scripted(&[OPEN], After::Stay).await;
    let mut transport = in_time(connect(&url, &Limits::default())).await.unwrap();
    tokio::time::pause(); // time passes while nothing happens
    let ended = poll_fn(|context| Pin::new(&mut transport).poll_next(context)).await;
    assert!(matches!(ended, Some(Err(TransportError::Dead))));
}

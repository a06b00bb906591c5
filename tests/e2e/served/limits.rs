//! The bounds of a server: what happens at each, and what is counted.

use std::time::Duration;

use devtools_runtime::context::Stats;
use devtools_runtime::{
    DevTools, DevToolsRpcClient, Limits, NotifyError, RpcSession, Server, WhenFull, rpc_function,
};
use futures_util::{FutureExt, SinkExt};
use serde_json::json;
use tests::fixture::{Add, Message as Told, Notify, devtools};
use tests::wait::{SHORT, eventually, eventually_within, in_time, within};
use tests::wire::Wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// How the server closes, after `texts` further frames.
async fn closed_after(wire: &mut Wire, texts: usize) -> CloseFrame {
    for _ in 0..texts {
        wire.text().await;
    }
    match wire.next().await {
        Some(Message::Close(Some(frame))) => frame,
        other => panic!("not closed but {other:?}"),
    }
}

async fn serve(limits: Limits) -> (DevTools, Server) {
    let devtools = devtools().limits(limits).build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    (devtools, server)
}

fn sessions(devtools: &DevTools) -> Vec<RpcSession> {
    devtools.context().rpc().sessions()
}

fn stats(devtools: &DevTools) -> Stats {
    devtools.context().rpc().stats()
}

/// Broadcasts an event of so many bytes, and does not give the connections a chance to write it.
fn tell(devtools: &DevTools, bytes: usize) -> Option<Result<usize, NotifyError>> {
    Told::broadcast(devtools.context(), "x".repeat(bytes)).now_or_never()
}

// ---- the queue ------------------------------------------------------------------------------

#[tokio::test]
async fn a_queue_is_bounded_in_bytes_as_in_frames() {
    for (limits, bytes, fit) in [
        (Limits::new().queued_frames(5), 10, 5),
        (Limits::new().queued_bytes(100_000), 20_000, 4),
    ] {
        let (devtools, server) = serve(limits).await;
        let mut wire = Wire::open(&server).await;
        wire.works().await;
        let session = sessions(&devtools).remove(0);
        for _ in 0..fit {
            assert_eq!(tell(&devtools, bytes).unwrap().unwrap(), 1);
        }
        assert!(session.stats().bytes_queued > 0);
        // One too many: the session ends, and its client reads what came before, and why.
        assert_eq!(tell(&devtools, bytes).unwrap().unwrap(), 0);
        let close = closed_after(&mut wire, fit).await;
        assert_eq!(close.code, CloseCode::Policy);
        assert_eq!(
            close.reason.as_str(),
            "it does not read: its queue is over `queued_frames` or `queued_bytes`"
        );
        eventually(|| stats(&devtools).sessions_open == 0).await;
        assert_eq!(stats(&devtools).sessions_congested, 1);
        assert_eq!(session.stats().bytes_queued, 0);
    }
}

#[tokio::test]
async fn a_session_that_would_miss_a_change_of_a_state_is_closed_whatever_broadcasts_do() {
    let limits = Limits::new().queued_frames(3).when_full(WhenFull::Wait);
    let (devtools, server) = serve(limits).await;
    let count = devtools.context().rpc().shared_state("my-plugin:count", 0);
    let count = count.unwrap();
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    let subscribe = json!({
        "m": "devframe:rpc:server-state:subscribe", "a": ["my-plugin:count"], "t": "q", "i": "s",
    });
    wire.send(&subscribe.to_string()).await;
    assert!(wire.text().await.contains("\"s\""));
    for number in 1..=4 {
        count.set(number).unwrap();
    }
    assert_eq!(closed_after(&mut wire, 3).await.code, CloseCode::Policy);
    eventually(|| stats(&devtools).sessions_congested == 1).await;
}

#[tokio::test]
async fn an_event_larger_than_the_queue_goes_alone() {
    let (devtools, server) = serve(Limits::new().queued_bytes(1_000)).await;
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    assert_eq!(tell(&devtools, 50_000).unwrap().unwrap(), 1);
    assert!(wire.text().await.len() > 50_000);
    wire.works().await;
}

#[tokio::test]
async fn events_and_calls_wait_for_room() {
    let limits = Limits::new().queued_bytes(10_000);
    let (devtools, server) = serve(limits).await;
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    let session = sessions(&devtools).remove(0);
    let text = || "x".repeat(4_000);
    let both = futures_util::future::try_join_all((0..10).map(|_| Told::notify(&session, text())));
    in_time(both).await.unwrap();
    for _ in 0..10 {
        wire.text().await;
    }
    wire.works().await;
}

#[tokio::test]
async fn an_event_over_the_limit_is_broadcast_to_nobody() {
    let limits = Limits::new().frame_bytes(10_000);
    let (devtools, server) = serve(limits).await;
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    let outcome = tell(&devtools, 20_000).unwrap();
    assert!(
        matches!(outcome, Err(NotifyError::TooLarge { limit: 10_000, .. })),
        "{outcome:?}"
    );
    wire.works().await;
}

#[tokio::test]
async fn a_broadcast_may_wait_and_then_holds_up_nobody_but_itself() {
    let limits = Limits::new()
        .queued_bytes(2 << 20)
        .when_full(WhenFull::Wait);
    let (devtools, server) = serve(limits).await;
    let (mut deaf, mut reads) = (Wire::open(&server).await, Wire::open(&server).await);
    deaf.works().await;
    reads.works().await;
    // More than sockets hold of what nobody reads.
    let events = 32;
    let padding = "x".repeat(1 << 20);
    let mut waiting = Vec::new();
    for i in 0..events {
        let mut told = Told::broadcast(devtools.context(), format!("{i} {padding}"));
        if (&mut told).now_or_never().is_none() {
            waiting.push(told);
        }
        assert!(reads.text().await.contains(&format!("\"{i} ")));
    }
    waiting.retain_mut(|told| told.now_or_never().is_none());
    assert!(!waiting.is_empty(), "nobody reads what they wait for");
    assert_eq!(stats(&devtools).sessions_open, 2);
    // As soon as it reads, it gets everything, in order, and those who wait hear of it.
    let all = futures_util::future::try_join_all(waiting);
    let read = async {
        for i in 0..events {
            assert!(deaf.text().await.contains(&format!("\"{i} ")));
        }
    };
    let (reached, ()) = tokio::join!(in_time(all), read);
    assert!(reached.unwrap().iter().all(|reached| *reached == 2));
    deaf.works().await;
    assert_eq!(stats(&devtools).sessions_congested, 0);
}

#[tokio::test]
async fn a_broadcast_waits_no_longer_than_the_session_lives() {
    let limits = Limits::new().queued_frames(1).when_full(WhenFull::Wait);
    let (devtools, server) = serve(limits).await;
    let (mut leaves, mut stays) = (Wire::open(&server).await, Wire::open(&server).await);
    leaves.works().await;
    stays.works().await;
    let first = sessions(&devtools).remove(0);
    let only = Told::broadcast(vec![first.clone()], "fills its queue");
    assert_eq!(only.now_or_never().unwrap().unwrap(), 1);
    let mut both = Told::broadcast(devtools.context(), "both");
    assert!((&mut both).now_or_never().is_none());
    first.close("it leaves");
    assert_eq!(in_time(both).await.unwrap(), 1);
    assert!(stays.text().await.contains("both"));
    assert_eq!(
        closed_after(&mut leaves, 1).await.reason.as_str(),
        "it leaves"
    );
}

/// Subscribes to streams that are not there, all at once: each is answered.
async fn subscribe_to_nothing(wire: &mut Wire, times: usize) {
    let subscribe = json!({
        "m": "devframe:streaming:subscribe",
        "a": ["nobody:knows", "nothing", { "afterSeq": 0, "room": { "items": 1, "bytes": 1 } }],
        "t": "q",
    });
    for _ in 0..times {
        wire.0
            .feed(Message::text(subscribe.to_string()))
            .await
            .unwrap();
    }
    wire.0.flush().await.unwrap();
}

#[tokio::test]
async fn what_a_client_causes_is_bounded_too() {
    let (devtools, server) = serve(Limits::default()).await;
    let mut wire = Wire::open(&server).await;
    subscribe_to_nothing(&mut wire, 3_000).await;
    for _ in 0..3_000 {
        assert!(wire.text().await.contains("UnknownStream"));
    }
    wire.works().await;
    assert_eq!(stats(&devtools).sessions_congested, 0);

    let limits = Limits::new().queued_frames(4);
    let (devtools, server) = serve(limits).await;
    let mut wire = Wire::open(&server).await;
    subscribe_to_nothing(&mut wire, 3_000).await;
    eventually(|| stats(&devtools).sessions_congested == 1).await;
}

// ---- handlers -------------------------------------------------------------------------------

/// Does not take it well.
struct Unwilling;

impl Drop for Unwilling {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// Says that it was dropped.
struct Dropped(mpsc::UnboundedSender<&'static str>, &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(self.1);
    }
}

#[tokio::test]
async fn a_handler_that_takes_too_long_is_dropped_and_its_call_answered() {
    let limits = Limits::new().handler_timeout(Duration::from_millis(20));
    let (devtools, server) = serve(limits).await;
    let (dropped, mut was_dropped) = mpsc::unbounded_channel();
    let hang = |name: &'static str| {
        let dropped = dropped.clone();
        move || {
            let dropped = Dropped(dropped.clone(), name);
            async move {
                std::future::pending::<()>().await;
                drop(dropped);
            }
        }
    };
    let define = devtools_runtime::define_rpc_function;
    let functions = devtools.context().rpc();
    let hangs = define("limits:query").async_handler(hang("query"));
    functions.register(hangs).unwrap();
    let hangs = define("limits:action")
        .action()
        .async_handler(hang("action"));
    functions.register(hangs).unwrap();
    let hangs = define("limits:event").event().async_handler(hang("event"));
    functions.register(hangs).unwrap();

    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    for kind in ["query", "action"] {
        let name = format!("limits:{kind}");
        let error = in_time(rpc.call_dynamic::<()>(&name, ()))
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("\"{name}\" did not end within 20 ms, the limit `handler_timeout`")
        );
        // The reply comes after the end of the handler.
        assert_eq!(was_dropped.try_recv().unwrap(), kind);
    }
    let unwilling = define("limits:unwilling").async_handler(|| async {
        let _unwilling = Unwilling;
        std::future::pending::<()>().await;
    });
    functions.register(unwilling).unwrap();
    let call = rpc.call_dynamic::<()>("limits:unwilling", ());
    let error = in_time(call).await.unwrap_err().to_string();
    assert!(error.contains("`handler_timeout`"), "{error}");
    let mut wire = Wire::open(&server).await;
    wire.send(r#"{"m":"limits:event","a":[],"t":"q"}"#).await;
    assert_eq!(in_time(was_dropped.recv()).await.unwrap(), "event");
    eventually(|| stats(&devtools).total.handlers_timed_out == 4).await;
    assert_eq!(stats(&devtools).total.calls_running, 0);
    assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn a_handler_that_does_not_wait_has_no_timeout() {
    let limits = Limits::new().handler_timeout(Duration::ZERO);
    let (_devtools, server) = serve(limits).await;
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    assert_eq!(Add::call(&rpc, 1, 2).await.unwrap(), 3);
}

// ---- connections and sessions ---------------------------------------------------------------

#[tokio::test]
async fn a_client_that_sends_half_a_request_is_let_go() {
    let limits = Limits::new().handshake(Duration::from_millis(50));
    let (_devtools, server) = serve(limits).await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
    let mut rest = Vec::new();
    // The server closes: this ends.
    let _ = within(SHORT, stream.read_to_end(&mut rest)).await;
    Wire::open(&server).await.works().await;
}

#[tokio::test]
async fn handshakes_at_the_same_time_do_not_pass_the_limit() {
    let limits = Limits::new().sessions(5);
    let (devtools, server) = serve(limits).await;
    let opened = (0..40).map(|_| Wire::try_open(&server));
    let opened = futures_util::future::join_all(opened).await;
    let mut opened: Vec<Wire> = opened.into_iter().flatten().collect();
    assert_eq!(opened.len(), 5);
    for wire in &mut opened {
        wire.works().await;
    }
    let counted = stats(&devtools);
    assert_eq!((counted.sessions_open, counted.sessions_refused), (5, 35));
    // The program's own clients count, but are not refused.
    let own = devtools.client();
    assert_eq!(Add::call(&own, 1, 2).await.unwrap(), 3);
    assert_eq!(stats(&devtools).sessions_open, 6);
    opened.truncate(4);
    eventually(|| stats(&devtools).sessions_open == 5).await;
    assert!(Wire::try_open(&server).await.is_err());
    drop(own);
    eventually(|| stats(&devtools).sessions_open == 4).await;
    opened.push(Wire::open(&server).await);
    opened[4].works().await;
    assert_eq!(stats(&devtools).sessions_opened, 7);
}

#[tokio::test]
async fn event_streams_take_places_too() {
    let limits = Limits::new().sessions(2);
    let (devtools, server) = serve(limits).await;
    let mut streams = Vec::new();
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
        let request = b"GET /__devtools/__sse HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut status = [0; 12];
        in_time(stream.read_exact(&mut status)).await.unwrap();
        statuses.push(String::from_utf8(status.into()).unwrap());
        streams.push(stream);
    }
    assert_eq!(statuses, ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 503"]);
    assert!(Wire::try_open(&server).await.is_err());
    streams.clear();
    eventually(|| stats(&devtools).sessions_open == 0).await;
    Wire::open(&server).await.works().await;
}

#[tokio::test]
async fn a_handshake_that_comes_to_nothing_gives_its_place_back() {
    let limits = Limits::new().sessions(1);
    let (_devtools, server) = serve(limits).await;
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
        let request = "GET /__devtools/__ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
                       upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
    }
    in_time(async {
        loop {
            if let Ok(mut wire) = Wire::try_open(&server).await {
                return wire.works().await;
            }
        }
    })
    .await;
}

// ---- closing --------------------------------------------------------------------------------

#[tokio::test]
async fn a_client_is_told_why_its_session_is_closed() {
    let (devtools, server) = serve(Limits::default()).await;
    for (reason, told) in [
        (
            "the project was closed",
            "the project was closed".to_owned(),
        ),
        (&"ü".repeat(200), "ü".repeat(61)),
    ] {
        let mut wire = Wire::open(&server).await;
        wire.works().await;
        sessions(&devtools)[0].close(reason.to_owned());
        let close = closed_after(&mut wire, 0).await;
        assert_eq!(
            (close.code, close.reason.as_str()),
            (CloseCode::Policy, &*told)
        );
        eventually(|| sessions(&devtools).is_empty()).await;
    }
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    let (close, ()) = tokio::join!(closed_after(&mut wire, 0), server.shutdown());
    assert_eq!(close.code, CloseCode::Away);
    assert_eq!(close.reason.as_str(), "the server ends");
}

#[tokio::test]
async fn replies_come_before_the_close() {
    let (devtools, server) = serve(Limits::default()).await;
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    wire.send(r#"{"m":"e2e:sleep","a":[30],"t":"q","i":"X"}"#)
        .await;
    let session = sessions(&devtools).remove(0);
    eventually(|| session.stats().calls_running == 1).await;
    session.close("enough");
    assert_eq!(wire.text().await, r#"{"t":"s","i":"X","r":30}"#);
    assert_eq!(closed_after(&mut wire, 0).await.reason.as_str(), "enough");
}

// ---- counters -------------------------------------------------------------------------------

/// Returns the server's counts.
#[rpc_function(name = "limits:stats", as = GetStats)]
fn get_stats(ctx: &devtools_runtime::DevToolsContext) -> Stats {
    ctx.rpc().stats()
}

/// How many of [`linger`] may end.
static MAY_END: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(0);

/// Runs until it may end.
#[rpc_function(name = "limits:linger", kind = "action")]
async fn linger() {
    MAY_END.acquire().await.unwrap().forget();
}

#[tokio::test]
async fn actions_of_clients_that_left_are_counted_and_bounded() {
    let limits = Limits::new().detached_calls(2).sessions(2);
    let (devtools, server) = serve(limits).await;
    let leave_behind = async |actions: u64| {
        let mut wire = Wire::open(&server).await;
        for id in 1..=actions {
            let call = json!({ "m": "limits:linger", "a": [], "t": "q", "i": id.to_string() });
            wire.send(&call.to_string()).await;
        }
        eventually(|| stats(&devtools).total.calls_running == actions).await;
        drop(wire);
        eventually(|| stats(&devtools).sessions_open == 0).await;
    };
    leave_behind(2).await;
    assert_eq!(stats(&devtools).calls_detached, 2);
    assert_eq!(stats(&devtools).total.calls_running, 0);
    // Within the bound, the session has left its place.
    let (one, two) = (Wire::open(&server).await, Wire::open(&server).await);
    drop((one, two));
    eventually(|| stats(&devtools).sessions_open == 0).await;
    // Beyond it, the session keeps it.
    leave_behind(1).await;
    assert_eq!(stats(&devtools).calls_detached, 3);
    let mut one = Wire::open(&server).await;
    one.works().await;
    assert!(Wire::try_open(&server).await.is_err());
    MAY_END.add_permits(3);
    eventually(|| stats(&devtools).calls_detached == 0).await;
    let mut two = Wire::open(&server).await;
    two.works().await;
}

/// As many letters as are asked for.
#[rpc_function(name = "limits:large")]
fn large(letters: usize) -> String {
    "x".repeat(letters)
}

#[tokio::test]
async fn what_comes_and_goes_is_counted() {
    let limits = Limits::new().frame_bytes(10_000);
    let (devtools, server) = serve(limits).await;
    let mut wire = Wire::open(&server).await;
    wire.works().await;
    let session = sessions(&devtools).remove(0);
    let before = session.stats();
    assert_eq!((before.calls, before.events), (1, 0));
    assert_eq!((before.frames_read, before.frames_written), (1, 1));
    assert_eq!(
        before.bytes_written,
        r#"{"t":"s","i":"X","r":3}"#.len() as u64
    );

    let event = r#"{"m":"e2e:notify","a":["x"],"t":"q"}"#;
    wire.send(event).await;
    wire.send("garbage").await;
    wire.send("null").await;
    wire.call("limits:large", json!([20_000])).await;
    let after = session.stats();
    assert_eq!((after.calls, after.events), (2, 1));
    assert_eq!((after.frames_read, after.frames_written), (5, 2));
    assert_eq!((after.frames_unreadable, after.frames_too_large), (2, 1));
    assert_eq!((after.calls_running, after.bytes_queued), (0, 0));
    assert!(after.bytes_read > before.bytes_read + event.len() as u64);

    // Sessions that have ended count on, and open ones are added.
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    Notify::notify(&rpc, "x").await.unwrap();
    wire.send(&"x".repeat(10_001)).await;
    eventually(|| stats(&devtools).sessions_open == 1).await;
    let counted = GetStats::call(&rpc).await.unwrap();
    assert_eq!((counted.sessions_open, counted.sessions_opened), (1, 2));
    // Of the client: its handshake, and the call that asks.
    assert_eq!((counted.total.calls, counted.total.events), (4, 2));
    assert_eq!(counted.total.frames_too_large, 2);
    assert_eq!(counted.total.frames_unreadable, 2);
}

#[tokio::test]
async fn a_pause_of_reading_is_counted_once() {
    // Each request that waits takes 256 bytes and its length, so there is room for two.
    let limits = Limits::new().calls_in_flight(2).waiting_bytes(500);
    let (devtools, server) = serve(limits).await;
    let mut wire = Wire::open(&server).await;
    let (go_on, gate) = tokio::sync::watch::channel(false);
    let waits = devtools_runtime::define_rpc_function("limits:wait").async_handler(move || {
        let mut gate = gate.clone();
        async move { gate.wait_for(|open| *open).await.is_ok() }
    });
    devtools.context().rpc().register(waits).unwrap();
    for i in 0..6 {
        wire.send(&format!(
            r#"{{"m":"limits:wait","a":[],"t":"q","i":"{i}x"}}"#
        ))
        .await;
    }
    let session = || sessions(&devtools).remove(0).stats();
    eventually(|| !sessions(&devtools).is_empty() && session().reading_paused == 1).await;
    assert_eq!((session().calls_running, session().frames_read), (2, 4));
    go_on.send(true).unwrap();
    // The first frame may be the event that functions have changed.
    let mut replies = 0;
    while replies < 6 {
        replies += usize::from(wire.text().await.contains(r#""r":true"#));
    }
    assert_eq!(session().calls, 6);
    wire.works().await;
}

#[tokio::test]
async fn a_server_says_that_it_is_alive_whatever_runs_and_waits() {
    let (_devtools, server) = serve(Limits::new().calls_in_flight(1)).await;
    let mut wire = Wire::open(&server).await;
    for id in 1..=3 {
        let call = json!({ "m": "e2e:sleep", "a": [10_000_000], "t": "q", "i": id.to_string() });
        wire.send(&call.to_string()).await;
    }
    wire.send(r#"{"m":"devtools-runtime:alive","a":[],"t":"q","o":true,"i":"4"}"#)
        .await;
    assert_eq!(wire.text().await, r#"{"t":"s","i":"4"}"#);
}

#[tokio::test]
async fn a_session_without_a_sign_of_life_is_counted() {
    let limits = Limits::new().keep_alive(Duration::from_millis(20));
    let (devtools, server) = serve(limits).await;
    let _silent = Wire::open(&server).await;
    eventually_within(SHORT, || stats(&devtools).sessions_dead == 1).await;
}

//! Limits on untrusted clients: sessions, frames, bodies, connections and time.

use std::time::Duration;

use devtools_runtime::{Gate, Limits, RpcSession, UntrustedLimits};
use futures_util::SinkExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::gated::{Client, Gated};
use crate::wait::{SHORT, eventually, in_time, within};

fn untrusted(untrusted: UntrustedLimits) -> Limits {
    Limits::new().untrusted(untrusted)
}

impl Client {
    /// How the server closes the connection, if it does so with a word.
    pub(crate) async fn closed(&mut self) -> Option<(u16, String)> {
        loop {
            match self.wire.next().await {
                Some(Message::Close(frame)) => {
                    return frame.map(|it| (it.code.into(), it.reason.as_str().to_owned()));
                }
                Some(_) => {}
                None => return None,
            }
        }
    }
}

#[tokio::test]
async fn silent_sockets_keep_nobody_out() {
    for (limits, kept) in [
        (Limits::new().sessions(20), 20),
        (untrusted(UntrustedLimits::new().sessions(15)), 15),
        (
            untrusted(UntrustedLimits::new().sessions_per_address(10)),
            10,
        ),
    ] {
        let gated = Gated::bounded(Gate::new().memory(), limits).await;
        let mut silent = Vec::new();
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        // The user connects last and asks for a code, and is not evicted by later clients.
        let mut person = gated.connect(None).await;
        let code = gated.code_for(&mut person).await;
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        let token = person.exchange(&code).await.unwrap();
        assert_eq!(person.add().await.unwrap(), 3);
        // The client that was silent for longest had to go, and was told why.
        let told = silent[0].closed().await;
        let reason = "there are too many sessions that have not signed in";
        assert_eq!(told, Some((1008, reason.to_owned())));
        eventually(|| gated.sessions().len() <= kept + 1).await;
        let stats = gated.server.devtools().context().rpc().stats();
        assert!(stats.sessions_untrusted >= 81 - kept as u64, "{stats:?}");
        assert_eq!(stats.sessions_refused, 0);
        // A trusted session takes no slot of the untrusted ones, and is never evicted.
        let mut returning = gated.connect(Some(&token)).await;
        assert_eq!(returning.add().await.unwrap(), 3);
        for _ in 0..40 {
            silent.push(gated.connect(None).await);
        }
        assert_eq!(returning.add().await.unwrap(), 3);
        assert_eq!(person.add().await.unwrap(), 3);
    }
}

#[tokio::test]
async fn who_does_not_sign_in_has_to_go() {
    let limits = untrusted(UntrustedLimits::new().sign_in(Duration::from_millis(300)));
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let mut trusted = gated.connect(Some("secret")).await;
    let mut stranger = gated.connect(None).await;
    let reason = "it did not sign in in time: the limit `untrusted.sign_in`";
    assert_eq!(stranger.closed().await, Some((1008, reason.to_owned())));
    assert_eq!(trusted.add().await.unwrap(), 3);
}

#[tokio::test]
async fn a_stranger_sends_small_frames_only() {
    let gated = Gated::start(Gate::new().memory()).await;
    let frame = json!({"m": "auth:add", "a": ["x".repeat(100_000)], "t": "q", "i": "1"});
    // A very large one comes in many pieces, which are read to the end so that the reason is not lost.
    for large in [frame.clone(), json!("x".repeat(20_000_000))] {
        let mut stranger = gated.connect(None).await;
        in_time(stranger.send(large)).await;
        let reason = "over the limit `untrusted.frame_bytes` of 65536: sign in first";
        assert_eq!(stranger.closed().await, Some((1009, reason.to_owned())));
    }

    let mut person = gated.connect(None).await;
    let code = gated.code_for(&mut person).await;
    person.exchange(&code).await.unwrap();
    person.send(frame).await;
    let reply = person.frame().await;
    assert!(reply.contains("invalid type"), "{reply}");
}

#[tokio::test]
async fn a_stranger_that_reads_nothing_is_not_read_for_long() {
    let gated = Gated::start(Gate::new().memory()).await;
    let mut stranger = gated.connect(None).await;
    let session = gated.sessions().remove(0);
    let text = "x".repeat(60_000);
    let frame = json!({"m": "anonymous:auth:echo", "a": [text], "t": "q", "i": "1"}).to_string();
    let mut total = 0;
    let is_stuck = loop {
        let send = stranger.wire.0.send(Message::text(frame.clone()));
        match tokio::time::timeout(Duration::from_millis(500), send).await {
            Ok(sending) => sending.unwrap(),
            Err(_) => break true,
        }
        total += frame.len();
        if total > 200 << 20 {
            break false;
        }
    };
    assert!(is_stuck, "all of {total} bytes was read");
    // The frames that sockets hold were answered. The rest waits, in the session and in sockets again.
    let read = session.stats().bytes_read;
    let written = session.stats().bytes_written;
    println!("read {read} bytes, wrote {written}, of {total}");
    assert!(read.saturating_sub(written) < 1 << 20, "{read} - {written}");
}

/// An HTTP request of bare bytes, and the status of its response.
async fn status_of(gated: &Gated, head: &str, body: &[u8]) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(gated.server.local_addr()).await.unwrap();
    let head = format!("{head}\r\nhost: localhost\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut status = [0; 12];
    within(SHORT, stream.read_exact(&mut status)).await.unwrap();
    let status = String::from_utf8(status[9..].to_vec()).unwrap();
    (status, stream)
}

/// A session over server-sent events: its id, and the stream that it lasts as long as.
async fn event_stream(gated: &Gated, token: &str) -> (String, TcpStream) {
    let head = format!("GET /__devtools/__sse?devframe_auth_token={token} HTTP/1.1");
    let (status, mut stream) = status_of(gated, &head, b"\r\n").await;
    assert_eq!(status, "200");
    let mut text = String::new();
    while !text.contains("\n\n\r\n") && !text.ends_with("\n\n") {
        let mut bytes = [0; 1000];
        let read = in_time(stream.read(&mut bytes)).await.unwrap();
        assert!(read > 0, "{text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    let (_, id) = text.split_once("data: ").unwrap();
    (id[..36].to_owned(), stream)
}

#[tokio::test]
async fn a_stranger_posts_small_bodies_only_and_not_for_ever() {
    let limits = Limits::new()
        .handshake(Duration::from_millis(300))
        .least_rate(1 << 30);
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let (stranger, _events) = event_stream(&gated, "wrong").await;
    let (trusted, _trusted_events) = event_stream(&gated, "secret").await;
    let post = |id: &str, headers: &str| {
        format!("POST /__devtools/__sse HTTP/1.1\r\nx-birpc-session: {id}\r\n{headers}")
    };
    // As many large ones as a session may have under way: none is kept, and none is waited for.
    for _ in 0..16 {
        let head = post(&stranger, "content-length: 62914560");
        let (status, _) = status_of(&gated, &head, b"\r\n").await;
        assert_eq!(status, "413");
    }
    // Nor one that does not say how long it is.
    let mut chunk = b"\r\n20000\r\n".to_vec();
    chunk.extend(vec![b'x'; 0x20000]);
    let head = post(&stranger, "transfer-encoding: chunked");
    let (status, _) = status_of(&gated, &head, &chunk).await;
    assert_eq!(status, "413");
    // One that does not come to its end is given up, whoever sends it.
    for id in [&stranger, &trusted] {
        let head = post(id, "content-length: 1000");
        let (status, _) = status_of(&gated, &head, b"\r\n{").await;
        assert_eq!(status, "408");
    }
    // A trusted client may post large frames.
    let text = format!(
        "{{\"m\":\"auth:nothing\",\"a\":[\"{}\"],\"t\":\"q\",\"i\":\"1\"}}",
        "x".repeat(100_000)
    );
    let head = post(&trusted, &format!("content-length: {}", text.len()));
    let (status, _) = status_of(&gated, &head, format!("\r\n{text}").as_bytes()).await;
    assert_eq!(status, "200");
}

#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let limits = Limits::new().connections(10);
    let gated = Gated::bounded(Gate::new().memory().token("secret"), limits).await;
    let (_, mut events) = event_stream(&gated, "secret").await;
    // Its token is looked up while the stream is open already.
    let is_trusted = || gated.sessions().first().is_some_and(RpcSession::is_trusted);
    eventually(is_trusted).await;
    let mut idle = Vec::new();
    for _ in 0..30 {
        let mut stream = TcpStream::connect(gated.server.local_addr()).await.unwrap();
        stream
            .write_all(b"POST /__devtools/__sse HTTP/1.1\r\n")
            .await
            .unwrap();
        idle.push(stream);
    }
    let mut client = gated.connect(Some("secret")).await;
    assert_eq!(client.add().await.unwrap(), 3);
    // The oldest had to go.
    let ended = within(SHORT, idle[0].read(&mut [0; 1])).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    // But not the event stream of a trusted client, although it is older.
    assert_eq!(gated.sessions().len(), 2);
    let read = tokio::time::timeout(Duration::from_millis(100), events.read(&mut [0; 1])).await;
    assert!(read.is_err(), "{read:?}");
}

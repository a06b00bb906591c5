//! Requests that do not come to their end: all of them together have a limit, whoever sends them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::Response;
use devtools_runtime::context::{Route, RouteRequest};
use devtools_runtime::server::ResponseBody;
use devtools_runtime::{DevTools, Limits, Server};
use serde_json::json;
use tests::fixture::devtools;
use tests::wait::{eventually, in_time};
use tests::wire::Wire;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use super::sse::bare_http::Events;

/// The limit of all requests together.
const LIMIT: usize = 1 << 20;

/// More than half of it.
const PART: usize = 700_000;

/// The length of a request that does not come to its end.
const WHOLE: usize = 60 << 20;

async fn serve() -> (DevTools, Server) {
    let limits = Limits::new().arriving_bytes(LIMIT);
    let devtools = devtools().limits(limits).build().await.unwrap();
    let route = Route::new("__length", |request: RouteRequest| async move {
        let text = match length(request).await {
            Ok(length) => length.to_string(),
            Err(error) => error,
        };
        Response::new(ResponseBody::from(text))
    });
    devtools.context().add_route(route).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    (devtools, server)
}

/// The length of a body, or why it could not be read.
async fn length(request: RouteRequest) -> Result<usize, String> {
    let body = Body::new(request.into_http().into_body());
    let bytes = to_bytes(body, usize::MAX).await;
    bytes
        .map(|bytes| bytes.len())
        .map_err(|error| error.to_string())
}

/// Begins a POST.
async fn begin(address: SocketAddr, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {WHOLE}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; PART]).await.unwrap();
    stream
}

/// Begins a message over a WebSocket.
async fn begin_message(server: &Server) -> Wire {
    let mut wire = Wire::open(server).await;
    let mut frame = vec![0x81, 0xff];
    frame.extend((WHOLE as u64).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(vec![b' '; PART]);
    // If it is refused, the rest cannot be written.
    let _ = wire.0.get_mut().write_all(&frame).await;
    wire
}

async fn status(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    let mut bytes = [0; 4096];
    while !answer.contains("\r\n\r\n") {
        let read = in_time(stream.read(&mut bytes)).await.unwrap();
        assert!(read > 0, "{answer}");
        answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    answer
}

async fn is_refused(stream: TcpStream) {
    let answer = status(stream).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
}

const JSON: &str = "content-type: application/json\r\n";

#[tokio::test]
async fn requests_that_do_not_end_share_a_limit_and_small_ones_pass() {
    let (_devtools, server) = serve().await;
    let address = server.local_addr();
    let events = Events::of(&server).await;
    let post = format!("x-birpc-session: {}\r\n", events.session);
    let call = "/__devtools/__call/e2e:echo";
    for round in 0..4 {
        // The first one has room, whichever way it comes, and then none has, whichever way.
        let (mut held, mut held_message) = (None, None);
        match round {
            0 => held = Some(begin(address, "/__devtools/__sse", &post).await),
            1 => held = Some(begin(address, call, JSON).await),
            2 => held = Some(begin(address, "/__devtools/__length", "").await),
            _ => held_message = Some(begin_message(&server).await),
        }
        // It is counted when the server has read it.
        loop {
            let mut wire = begin_message(&server).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let Some(Message::Close(Some(close))) = refused(&mut wire).await {
                assert_eq!(u16::from(close.code), 1013);
                assert_eq!(
                    close.reason.as_str(),
                    "the requests that arrive together are over the limit `arriving_bytes` of 1048576: try again"
                );
                break;
            }
        }
        is_refused(begin(address, "/__devtools/__sse", &post).await).await;
        is_refused(begin(address, call, JSON).await).await;
        let answer = status(begin(address, "/__devtools/__length", "").await).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        events.works().await;
        Wire::open(&server).await.works().await;
        // Whoever leaves makes room.
        drop((held, held_message));
        let large = "x".repeat(PART);
        let mut wire = Wire::open(&server).await;
        eventually_echoes(&mut wire, &server, &large).await;
        let reply = events.call("e2e:echo", json!([large])).await;
        assert!(reply.len() > PART);
    }
}

/// The answer to a message that was begun, if there is one.
async fn refused(wire: &mut Wire) -> Option<Message> {
    let next = tokio::time::timeout(Duration::from_millis(500), wire.next());
    next.await.ok().flatten()
}

/// Calls with a large argument until there is room for it.
async fn eventually_echoes(wire: &mut Wire, server: &Server, large: &str) {
    in_time(async {
        loop {
            let call = json!({ "m": "e2e:echo", "a": [large], "t": "q", "i": "X" });
            wire.send(&call.to_string()).await;
            match wire.next().await {
                Some(Message::Text(reply)) => {
                    assert!(reply.as_str().len() > large.len());
                    break;
                }
                _ => *wire = Wire::open(server).await,
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_route_of_the_program_reads_no_body_over_the_limit() {
    let limits = Limits::new().frame_bytes(1000);
    let devtools = devtools().limits(limits).build().await.unwrap();
    let read = Arc::new(Mutex::new(Vec::new()));
    let route = Route::new("__read", {
        let read = Arc::clone(&read);
        move |request: RouteRequest| {
            let read = Arc::clone(&read);
            async move {
                let length = length(request).await;
                read.lock().unwrap().push(length);
                Response::new(ResponseBody::from(String::new()))
            }
        }
    });
    devtools.context().add_route(route).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let answer = status(begin(address, "/__devtools/__read", "").await).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    for size in [1000, 1001] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let body = format!("{size:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(size));
        let head = "POST /__devtools/__read HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        status(stream).await;
    }
    eventually(|| read.lock().unwrap().len() == 2).await;
    let too_large = "the body is over the limit `frame_bytes`".to_owned();
    assert_eq!(*read.lock().unwrap(), [Ok(1000), Err(too_large)]);
}

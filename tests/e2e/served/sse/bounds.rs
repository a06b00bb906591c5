//! Input that is too large, too much, or no text.

use devtools_runtime::Limits;
use serde_json::json;
use tests::fixture::{Message, devtools};
use tests::http::answer;
use tests::wait::in_time;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::bare_http::{Events, call, sessions};

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_the_session_lives_on() {
    let limits = Limits::new().frame_bytes(1024);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    let frame = |size: usize| {
        let empty = call("e2e:echo", json!([""]), "X").len();
        call("e2e:echo", json!(["x".repeat(size - empty)]), "X")
    };
    assert_eq!(events.post(&frame(1024)).await.status, 200);
    assert_eq!(events.post(&frame(1025)).await.status, 413);
    events.works().await;

    // Without a length it is noticed while reading.
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = format!(
        "POST /__devtools/__sse HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nx-birpc-session: {}\r\n\r\n401\r\n{}\r\n0\r\n\r\n",
        events.session,
        frame(1025)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(answer(BufReader::new(stream)).await.status, 413);
    events.works().await;
}

#[tokio::test]
async fn a_body_that_is_no_text_is_dropped() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let head = format!(
        "POST /__devtools/__sse HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nx-birpc-session: {}\r\n\r\n",
        events.session
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[0xff, 0xfe]).await.unwrap();
    assert_eq!(answer(BufReader::new(stream)).await.status, 202);
    assert_eq!(events.post("").await.status, 202);
    events.works().await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_closed_by_broadcasts() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let _events = Events::of(&server).await;
    sessions(&server, 1).await;
    let message = "x".repeat(64 * 1024);
    in_time(async {
        while !server.devtools().context().rpc().sessions().is_empty() {
            let context = server.devtools().context();
            Message::broadcast(context, message.clone()).await.unwrap();
            tokio::task::yield_now().await;
        }
    })
    .await;
}

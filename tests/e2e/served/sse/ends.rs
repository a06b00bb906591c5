//! How sessions end, and what becomes of the POSTs that wait.

use std::time::{Duration, Instant};

use devtools_runtime::Limits;
use serde_json::json;
use tests::fixture::devtools;
use tests::http::{answer, head, send};
use tests::wait::in_time;
use tokio::net::TcpStream;

use super::bare_http::{Events, call, sessions};

#[tokio::test]
async fn a_client_that_vanishes_ends_its_session() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    let held = events.begin(&call("e2e:sleep", json!([60_000]), "X")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let Events {
        stream, session, ..
    } = events;
    drop(stream);
    let refused = answer(held).await;
    assert_eq!(refused.status, 409);
    sessions(&server, 0).await;
    let header = ("x-birpc-session", &*session);
    let late = send(
        server.local_addr(),
        "POST",
        "/__devtools/__sse",
        &[header],
        "{}",
    )
    .await;
    assert_eq!(answer(late).await.status, 400);
}

#[tokio::test]
async fn a_client_that_vanishes_ends_its_session_while_its_calls_fill_the_bound() {
    let limits = Limits::new().calls_in_flight(1);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    let mut held = Vec::new();
    for id in 0..40 {
        let frame = call("e2e:sleep", json!([60_000]), &id.to_string());
        held.push(events.begin(&frame).await);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(events);
    for held in held {
        assert!(matches!(answer(held).await.status, 400 | 409));
    }
    sessions(&server, 0).await;
}

#[tokio::test]
async fn the_reply_of_a_post_that_was_given_up_goes_down_the_stream() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut events = Events::of(&server).await;
    let held = events.begin(&call("e2e:sleep", json!([100]), "X")).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(held);
    assert_eq!(events.frame().await, r#"{"t":"s","i":"X","r":100}"#);
    events.works().await;
}

#[tokio::test]
async fn a_session_that_is_closed_delivers_its_replies_first() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut events = Events::of(&server).await;
    let held = events.begin(&call("e2e:sleep", json!([200]), "X")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.devtools().context().rpc().sessions()[0].close("it is over");
    assert_eq!(answer(held).await.body, r#"{"t":"s","i":"X","r":200}"#);
    assert_eq!(events.next().await, None);
    assert_eq!(events.post("{}").await.status, 400);
}

#[tokio::test]
async fn a_server_that_shuts_down_delivers_replies_first() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut events = Events::of(&server).await;
    let held = events.begin(&call("e2e:sleep", json!([200]), "X")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (held, ()) = tokio::join!(answer(held), in_time(server.shutdown()));
    assert_eq!(held.body, r#"{"t":"s","i":"X","r":200}"#);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_server_that_shuts_down_waits_for_no_idle_connection() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let _silent = TcpStream::connect(address).await.unwrap();
    let mut idle = send(address, "GET", "/__devtools/client.js", &[], "").await;
    assert_eq!(head(&mut idle).await.status, 200);
    let mut events = Events::of(&server).await;
    let begun = Instant::now();
    in_time(server.shutdown()).await;
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_server_that_is_dropped_ends_its_sessions_at_once() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut events = Events::of(&server).await;
    let begun = Instant::now();
    drop(server);
    assert_eq!(events.next().await, None);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

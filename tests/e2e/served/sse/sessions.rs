//! Sessions and their POSTs.

use std::time::{Duration, Instant};

use devtools_runtime::context::SessionTransport;
use devtools_runtime::{DevToolsRpcClient, RpcSession};
use serde_json::{Value, json};
use tests::fixture::{Message, devtools};
use tests::http::answer;
use tests::node;

use super::bare_http::{Events, call, failed, sessions};

#[tokio::test(flavor = "multi_thread")]
async fn the_devframe_client_calls_the_rust_server_over_server_sent_events() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    node::run("sse-client.mjs", &[&server.url()]).await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_session_is_like_any_other() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let (one, two) = (Events::of(&server).await, Events::of(&server).await);
    assert_ne!(one.session, two.session);
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    sessions(&server, 3).await;
    let transports: Vec<SessionTransport> = server.devtools().context().rpc().sessions()[..2]
        .iter()
        .map(RpcSession::transport)
        .collect();
    assert_eq!(transports, [SessionTransport::Sse; 2]);
    assert_eq!(serde_json::to_value(transports[0]).unwrap(), "sse");
    assert_eq!(
        one.call("e2e:sessions", json!([])).await,
        r#"{"t":"s","i":"X","r":[1,2,3]}"#
    );
    drop((one, rpc));
    sessions(&server, 1).await;
    two.works().await;
}

#[tokio::test]
async fn held_requests_are_answered_as_they_end() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    let slow = events.begin(&call("e2e:sleep", json!([300]), "slow")).await;
    let begun = Instant::now();
    events.works().await;
    assert!(begun.elapsed() < Duration::from_millis(250));
    assert_eq!(answer(slow).await.body, r#"{"t":"s","i":"slow","r":300}"#);
}

#[tokio::test]
async fn an_id_is_echoed_whatever_primitive_it_is() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    for (id, echoed) in [
        ("7", "7"),
        ("1.50", "1.5"),
        ("1.0", "1.0"),
        ("true", "true"),
        (r#""\u00fc\"]""#, r#""ü\"]""#),
    ] {
        let frame = |name: &str| format!(r#"{{"m":"{name}","a":[1,2],"t":"q","i":{id}}}"#);
        let reply = events.post(&frame("e2e:add")).await.body;
        assert_eq!(reply, format!(r#"{{"t":"s","i":{echoed},"r":3}}"#));
        let reply = events.post(&frame("nope")).await.body;
        assert!(reply.contains(r#"function \"nope\" not found"#), "{reply}");
    }
    // A value that JavaScript holds for false is no id, and makes an event. One that cannot be echoed is refused.
    let too_deep = "[".repeat(200) + &"]".repeat(200);
    for id in [
        "0",
        "null",
        "\"\"",
        "false",
        "1e999",
        r#""\ud800""#,
        &too_deep,
        r#"{ "b": [1], "a": "s" }"#,
        "[1]",
    ] {
        let frame = format!(r#"{{"m":"e2e:add","a":[1,2],"t":"q","i":{id}}}"#);
        assert_eq!(events.post(&frame).await.status, 202);
    }
}

#[tokio::test]
async fn a_broadcast_comes_down_every_stream() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut streams = [Events::of(&server).await, Events::of(&server).await];
    sessions(&server, 2).await;
    // Also while a request is held, whose reply is not for the stream.
    let held = streams[0]
        .begin(&call("e2e:sleep", json!([100]), "X"))
        .await;
    for message in ["one", "two"] {
        let reached = Message::broadcast(server.devtools().context(), message).await;
        assert_eq!(reached.unwrap(), 2);
    }
    for stream in &mut streams {
        for message in ["one", "two"] {
            let frame = json!({ "m": "e2e:message", "a": [message], "t": "q", "o": true });
            let got: Value = serde_json::from_str(&stream.frame().await).unwrap();
            assert_eq!(got, frame);
        }
    }
    assert_eq!(answer(held).await.body, r#"{"t":"s","i":"X","r":100}"#);
}

#[tokio::test]
async fn panics_and_unknown_functions_are_replies() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    for how in ["plain", "panic", "late-panic"] {
        let reply = events.call("e2e:fail", json!([how])).await;
        let message = if how == "plain" {
            "boom"
        } else {
            "internal error (id)"
        };
        assert_eq!(tests::with_id(&reply), failed(&format!("\"{message}\"")));
    }
    assert_eq!(
        events.call("e2e:nope", json!([])).await,
        failed(r#""[birpc] function \"e2e:nope\" not found""#)
    );
    events.works().await;
}

//! Requests to the plain calls that are wrong, odd or hostile.

use std::net::SocketAddr;
use std::time::Duration;

use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{DevToolsRpcClient, Gate, Limits};
use serde_json::{Value, json};
use tests::fixture::devtools;
use tests::wait::in_time;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, JSON, TOKEN, post, send};

/// Sends the bytes of a request, and returns all that comes back until the server closes the connection.
async fn raw(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    in_time(stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// The headers of a call, among them one with this name for each of the values.
fn with_json(name: &str, values: &[&str]) -> String {
    let mut headers = JSON.to_owned();
    for value in values {
        headers.extend([name, ": ", value, "\r\n"]);
    }
    headers
}

#[tokio::test]
async fn only_json_is_read_as_json() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    for (content_type, status) in [
        ("application/json", 200),
        ("Application/JSON", 200),
        ("application/json;charset=utf-8", 200),
        ("application/json ; charset=\"UTF-8\"", 200),
        ("", 415),
        ("text/json", 415),
        ("text/plain; application/json", 415),
        ("text/plain, application/json", 415),
        ("application/json, text/plain", 415),
        ("application/jsonp", 415),
        ("application/vnd.api+json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=application/json", 415),
    ] {
        let headers = format!("content-type: {content_type}\r\n");
        let answer = send(server.local_addr(), "POST", "e2e:add", &headers, "[40, 2]").await;
        assert_eq!(answer.status, status, "{content_type}: {}", answer.body);
    }
    let without = send(server.local_addr(), "POST", "e2e:add", "", "[40, 2]").await;
    assert_eq!(without.status, 415);
    server.shutdown().await;
}

#[tokio::test]
async fn bodies_that_are_odd_are_refused_and_the_server_goes_on() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let deep = "[".repeat(500_000) + &"]".repeat(500_000);
    for (name, body) in [
        ("e2e:echo", format!("[{deep}]")),
        ("e2e:echo", format!("{{\"value\": {deep}}}")),
        ("e2e:echo-clone", format!("[{deep}]")),
        ("e2e:echo", deep[..500_000].to_owned()),
        ("e2e:echo", "[1e999]".to_owned()),
        ("e2e:echo", "[NaN]".to_owned()),
        ("e2e:echo", "[1] [2]".to_owned()),
        ("e2e:echo", "[1,]".to_owned()),
        ("e2e:echo", "{\"value\": 1".to_owned()),
        ("e2e:echo", "{\"\\ud800\": 1}".to_owned()),
        ("e2e:greet", "null".to_owned()),
        ("e2e:greet", "\"Ada\"".to_owned()),
        ("e2e:greet", "{}".to_owned()),
        ("e2e:greet", "[]".to_owned()),
        ("e2e:greet", "\u{feff}[\"Ada\"]".to_owned()),
        ("e2e:greet", "\0".to_owned()),
    ] {
        let answer = post(&server, name, &body).await;
        let shown = &body[..body.len().min(40)];
        assert_eq!(answer.status, 400, "{name} {shown}: {}", answer.body);
        assert!(answer.body.len() < 2000, "{name} {shown}");
    }
    for (body, message) in [
        (
            r#"{"a": 1, "b": 2, "a": 3}"#,
            "`e2e:add` got the argument `a` twice",
        ),
        (
            r#"{"a": 1, "\u0061": 2, "b": 3}"#,
            "`e2e:add` got the argument `a` twice",
        ),
        (
            r#"{"a": 1, "arg0": 2, "b": 3}"#,
            "`e2e:add` has no parameter `arg0`: it takes `a`, `b`",
        ),
    ] {
        let answer = post(&server, "e2e:add", body).await;
        assert_eq!((answer.status, &*answer.message()), (400, message));
    }
    // As in JavaScript, further arguments are ignored, and half of a surrogate pair is U+FFFD.
    let further = post(&server, "e2e:greet", r#"["Ada", "Hi", "third", 4]"#).await;
    assert_eq!(further.json(), "Hi, Ada!");
    let half = post(&server, "e2e:greet", r#"["\ud800"]"#).await;
    assert_eq!(half.json(), "Hello, \u{fffd}!");
    // The bytes of another encoding than UTF-8.
    let latin =
        b"POST /__devtools/__call/e2e:greet HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
        content-type: application/json; charset=latin1\r\ncontent-length: 7\r\n\r\n[\"\xe4 a\"]";
    let answer = raw(server.local_addr(), latin).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("the body is not UTF-8"), "{answer}");
    assert_eq!(post(&server, "e2e:add", "[40, 2]").await.json(), 42);
    server.shutdown().await;
}

#[tokio::test]
async fn names_are_compared_as_they_are() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    for name in [
        "e2e:add",
        "e2e%3aadd",
        "%65%32e:add",
        "e2e:add/",
        "e2e:add?a=1",
    ] {
        let answer = post(&server, name, "[40, 2]").await;
        assert_eq!((answer.status, answer.json()), (200, json!(42)), "{name}");
    }
    for name in [
        "E2E:ADD",
        "e2e:add%00",
        "e2e:add%20",
        "e2e:add%2f",
        "e2e:add//",
        "e2e:add/e2e:add",
        "./e2e:add",
        "../__call/e2e:add",
        "%ff%fe",
        "%",
        "%zz",
        "e2e%253Aadd",
        "e2e:%F0%9F%92%A5",
    ] {
        let answer = post(&server, name, "[40, 2]").await;
        assert_eq!(answer.status, 404, "{name}: {}", answer.body);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let answer = async |method: &str, name: &str| -> Answer {
        send(server.local_addr(), method, name, JSON, "").await
    };
    for method in [
        "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
    ] {
        let refused = answer(method, "e2e:add").await;
        assert_eq!(refused.status, 405, "{method}");
        let head = &refused.head;
        assert!(head.contains("\r\nallow: post, options\r\n"), "{head}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let refused = answer(method, "").await;
        assert_eq!(refused.status, 405, "{method}");
        let head = &refused.head;
        assert!(head.contains("\r\nallow: get, head, options\r\n"), "{head}");
    }
    let head = answer("HEAD", "").await;
    assert_eq!((head.status, &*head.body), (200, ""));
    server.shutdown().await;
}

#[tokio::test]
async fn a_page_without_an_origin_cannot_call() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().port();
    for (origins, status) in [
        (&["null"][..], 403),
        (&["http://localhost.evil.example"], 403),
        (&["http://127.0.0.1.evil.example"], 403),
        (&["http://localhost:1", "https://evil.example"], 400),
        (&["https://evil.example", "http://localhost:1"], 400),
        (&["http://localhost:1"], 200),
        (&[&*format!("http://127.0.0.1:{port}")], 200),
    ] {
        let headers = with_json("origin", origins);
        let answer = send(server.local_addr(), "POST", "e2e:get-count", &headers, "").await;
        assert_eq!(answer.status, status, "{origins:?}: {}", answer.body);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn only_the_one_right_token_is_let_in() {
    let gate = Gate::new().memory().token(TOKEN);
    let server = devtools().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let authorization = async |values: &[&str]| {
        let headers = with_json("authorization", values);
        let answer = send(server.local_addr(), "POST", "e2e:get-count", &headers, "").await;
        answer.status
    };
    let right = format!("Bearer {TOKEN}");
    assert_eq!(authorization(&[&right]).await, 200);
    assert_eq!(authorization(&[&format!("bEaReR  {TOKEN} ")]).await, 200);
    for wrong in [
        &[][..],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &[TOKEN],
        &[&format!("Basic {TOKEN}")],
        &[&format!("Bearer {}", &TOKEN[1..])],
        &[&format!("Bearer {TOKEN}x")],
        &[&format!("Bearer {}", TOKEN.to_uppercase())],
        &[&format!("Bearer {TOKEN}, Bearer {TOKEN}")],
        &[&*right, &*right],
        &[&format!("Bearer {}", "x".repeat(100_000))],
        &["Bearer \u{e4}"],
    ] {
        assert_eq!(authorization(wrong).await, 401, "{wrong:?}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_client_without_a_token_is_not_asked_for_the_body() {
    let gate = Gate::new().memory().token(TOKEN);
    let server = devtools().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let request = |authorization: &str| {
        format!(
            "POST /__devtools/__call/e2e:add HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{JSON}{authorization}\
             expect: 100-continue\r\ncontent-length: 7\r\n\r\n"
        )
    };
    let refused = raw(server.local_addr(), request("").as_bytes()).await;
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");

    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let asked = request(&format!("authorization: Bearer {TOKEN}\r\n"));
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    in_time(stream.read_exact(&mut go_on)).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"[40, 2]").await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n42"), "{answer}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_large_body_that_is_not_wanted_does_not_cost_its_sender_the_answer() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let body = format!("[\"{}\"]", "x".repeat(5_000_000));
    for (name, content_type, status) in [
        ("e2e:echo", "text/plain", 415),
        ("e2e:nope", "application/json", 404),
    ] {
        let headers = format!("content-type: {content_type}\r\n");
        let answer = send(server.local_addr(), "POST", name, &headers, &body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let limits = Limits::new().handshake(Duration::from_millis(300));
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let head = format!(
        "POST /__devtools/__call/e2e:echo HTTP/1.1\r\nhost: localhost\r\n{JSON}transfer-encoding: chunked\r\n\r\n"
    );
    let silent = raw(address, format!("{head}2\r\n[\"\r\n").as_bytes()).await;
    assert!(silent.starts_with("HTTP/1.1 408 "), "{silent}");
    let malformed = raw(address, format!("{head}zz\r\n[]\r\n0\r\n\r\n").as_bytes()).await;
    assert!(malformed.starts_with("HTTP/1.1 400 "), "{malformed}");

    // Chunks go on coming, until there are too many.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
    let endless = async { while writing.write_all(chunk.as_bytes()).await.is_ok() {} };
    let mut answer = Vec::new();
    let ((), _) = in_time(async { tokio::join!(endless, reading.read_to_end(&mut answer)) }).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_eq!(post(&server, "e2e:add", "[40, 2]").await.json(), 42);
    server.shutdown().await;
}

#[tokio::test]
async fn functions_that_need_a_connection_say_so_and_leave_nothing_behind() {
    let limits = Limits::new().states(2);
    let devtools = devtools().limits(limits).build().await.unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let streaming = devtools.context().rpc().streaming();
    let channel = streaming.create::<u32>("e2e:numbers", ChannelOptions::new());
    let channel = channel.unwrap();
    let stream = channel.start();
    let upload = channel.open_inbound();
    let process = json!({
        "protocol": 1, "viteVersion": "8", "hasServer": false,
        "config": {"root": "/", "base": "/", "mode": "development", "command": "serve", "plugins": []},
    });
    for (name, arguments) in [
        ("devframe:rpc:server-state:subscribe", json!(["e2e:state"])),
        (
            "devframe:streaming:subscribe",
            json!(["e2e:numbers", stream.id(), {}]),
        ),
        (
            "devframe:streaming:cancel",
            json!(["e2e:numbers", stream.id()]),
        ),
        (
            "devframe:streaming:upload-chunk",
            json!(["e2e:numbers", upload.id(), 0, 1]),
        ),
        (
            "devframe:streaming:upload-end",
            json!(["e2e:numbers", upload.id()]),
        ),
        (
            "devtools-runtime:streaming:upload-room",
            json!(["e2e:numbers", upload.id()]),
        ),
        ("devtools-runtime:vite:attach", json!([process])),
        ("devtools-runtime:inspector:traffic", json!([0])),
        (
            "devframe:agent:sync-client-tools",
            json!(["page", [], {"url": "/", "title": "", "visible": true, "focused": true}]),
        ),
    ] {
        let answer = post(&server, name, &arguments.to_string()).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.body);
        assert_eq!(answer.json()["error"]["code"], "no-connection", "{name}");
        let message = answer.message();
        assert!(
            message.starts_with(&format!("`{name}` is for")),
            "{message}"
        );
    }
    // Nobody reads the stream, so a writer does not wait for anybody.
    assert_eq!(channel.stats().subscribers, 0);

    // States that are made in this way belong to nobody, so they make room for others.
    for key in ["one", "two", "three", "four"] {
        let made = post(
            &server,
            "devframe:rpc:server-state:set",
            &json!([key, 5]).to_string(),
        )
        .await;
        assert_eq!(made.status, 200, "{}", made.body);
        let read = post(
            &server,
            "devframe:rpc:server-state:get",
            &json!([key]).to_string(),
        )
        .await;
        assert_eq!((read.status, read.json()), (200, json!(5)));
    }
    let misfit = post(&server, "devframe:rpc:server-state:set", "[5, 5]").await;
    assert_eq!(misfit.status, 400, "{}", misfit.body);
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let state = in_time(rpc.shared_state_or::<Value>("five", json!(1))).await;
    assert_eq!(*state.unwrap().value(), json!(1));
    server.shutdown().await;
}

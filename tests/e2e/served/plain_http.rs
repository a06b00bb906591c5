//! Calls by plain HTTP: one POST is one call.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use devtools_runtime::layers::{RateLimit, rate_limit, require_role};
use devtools_runtime::testing::{Recorder, Recording, ReplayOptions};
use devtools_runtime::trust::Token;
use devtools_runtime::{DevTools, Gate, Limits, Server};
use serde_json::{Value, json};
use tests::fixture::devtools;
use tests::node;
use tests::poll::eventually_async;
use tests::wait::in_time;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

mod misuse;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const ADMIN: &str = "fedcba9876543210fedcba9876543210";
const JSON: &str = "content-type: application/json\r\n";

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

async fn send(address: SocketAddr, method: &str, name: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    let text = format!(
        "{method} /__devtools/__call/{name} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

async fn post(server: &Server, name: &str, body: &str) -> Answer {
    send(server.local_addr(), "POST", name, JSON, body).await
}

#[tokio::test]
async fn arguments_go_by_position_or_by_name() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    for (name, body, expected) in [
        ("e2e:add", "[40, 2]", json!(42)),
        ("e2e%3Aadd", r#"{"b": 2, "a": 40}"#, json!(42)),
        ("e2e:greet", r#"{"name": "Ada"}"#, json!("Hello, Ada!")),
        ("e2e:greet", r#"["Ada", "Hi"]"#, json!("Hi, Ada!")),
        (
            "e2e:echo",
            r#"[{"deep": [null, 0.5]}]"#,
            json!({ "deep": [null, 0.5] }),
        ),
        ("e2e:get-count", "", json!(0)),
        ("e2e:echo-clone", r#"[["a"]]"#, json!(["a"])),
        ("e2e:set-count", "[7]", json!(null)),
        ("e2e:get-count", "[]", json!(7)),
    ] {
        let answer = post(&server, name, body).await;
        assert_eq!((answer.status, answer.json()), (200, expected), "{name}");
        assert!(answer.head.contains("\r\ncontent-type: application/json"));
        assert!(answer.head.contains("\r\ncache-control: no-store"));
    }
    // Whole numbers are exact.
    let exact = post(&server, "e2e:add", "[9007199254740993, 0]").await;
    assert_eq!(exact.body, "9007199254740993");
    let event = post(&server, "e2e:notify", r#"["hello"]"#).await;
    assert_eq!((event.status, &*event.body), (204, ""));
    let noted = post(&server, "e2e:notifications", "[]").await;
    assert_eq!(noted.json(), json!(["hello"]));
    server.shutdown().await;
}

#[tokio::test]
async fn errors_have_a_status_and_are_json() {
    let limits = Limits::default().frame_bytes(64 * 1024);
    let server = devtools().limits(limits).bind("127.0.0.1:0").await.unwrap();
    let large = format!("[\"{}\"]", "x".repeat(65 * 1024));
    for (name, body, status, message) in [
        (
            "e2e:nope",
            "[]",
            404,
            "there is no function named `e2e:nope`",
        ),
        // It runs in clients.
        (
            "e2e:answer",
            "[]",
            404,
            "there is no function named `e2e:answer`",
        ),
        (
            "e2e:add",
            r#"["x", 2]"#,
            400,
            "argument 1 (`a`) of `e2e:add`: invalid type: string \"x\", expected i64",
        ),
        (
            "e2e:add",
            r#"{"a": 1}"#,
            400,
            "`e2e:add` needs the parameter `b`",
        ),
        (
            "e2e:add",
            r#"{"a": 1, "b": 2, "c": 3}"#,
            400,
            "`e2e:add` has no parameter `c`: it takes `a`, `b`",
        ),
        (
            "e2e:add",
            "5",
            400,
            "the body must be the array of the arguments, or an object with the arguments by name",
        ),
        ("e2e:add", "[1, 2", 400, "the body is not JSON: "),
        ("e2e:fail", r#"["plain"]"#, 500, "boom"),
        ("e2e:fail", r#"["panic"]"#, 500, "internal error (id "),
        ("e2e:fail", r#"["late-panic"]"#, 500, "internal error (id "),
        ("e2e:read-file", r#"["forbidden"]"#, 500, "internal error"),
        (
            "e2e:read-file",
            r#"["busy"]"#,
            422,
            "somebody else reads it",
        ),
        (
            "e2e:echo",
            &large,
            413,
            "the body is over the limit `frame_bytes` of 65536",
        ),
    ] {
        let answer = post(&server, name, body).await;
        let said = answer.message();
        assert_eq!(answer.status, status, "{name}: {said}");
        assert!(said.starts_with(message), "{name}: {said}");
    }
    let unknown = post(&server, &"x".repeat(5000), "[]").await;
    let name = "x".repeat(200);
    assert_eq!(
        unknown.message(),
        format!("there is no function named `{name}…`")
    );
    let typed = post(&server, "e2e:read-clone", r#"["too-large"]"#).await;
    assert_eq!(typed.status, 422);
    assert_eq!(typed.json()["error"]["code"], "too-large");
    assert_eq!(typed.json()["error"]["data"], json!([1_u64 << 60, 1024]));
    let read = send(server.local_addr(), "GET", "e2e:add", "", "").await;
    assert_eq!(read.status, 405);
    assert!(
        read.head.contains("\r\nallow: post, options"),
        "{}",
        read.head
    );
    server.shutdown().await;
}

#[tokio::test]
async fn pages_of_other_sites_cannot_call() {
    let devtools = devtools().allow_origin("https://panel.example");
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    // A form can send this without asking.
    let form = send(
        address,
        "POST",
        "e2e:get-count",
        "content-type: text/plain\r\n",
        "[]",
    )
    .await;
    assert_eq!(form.status, 415, "{}", form.body);
    let foreign = format!("{JSON}origin: https://evil.example\r\n");
    let refused = send(address, "POST", "e2e:get-count", &foreign, "[]").await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let asks = "origin: https://evil.example\r\naccess-control-request-method: POST\r\n";
    let refused = send(address, "OPTIONS", "e2e:get-count", asks, "").await;
    assert_eq!(refused.status, 403);
    let asks = "origin: https://panel.example\r\naccess-control-request-method: POST\r\n";
    let allowed = send(address, "OPTIONS", "e2e:get-count", asks, "").await;
    assert_eq!(allowed.status, 204);
    assert!(
        allowed
            .head
            .contains("\r\naccess-control-allow-methods: post, options")
    );
    assert!(allowed.head.contains("authorization"), "{}", allowed.head);
    let ours = format!("{JSON}origin: https://panel.example\r\n");
    let answer = send(address, "POST", "e2e:get-count", &ours, "[]").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .head
            .contains("\r\naccess-control-allow-origin: https://panel.example")
    );
    server.shutdown().await;
}

#[tokio::test]
async fn tokens_roles_and_layers_count() {
    let limit = RateLimit::new()
        .calls(1)
        .per(Duration::from_secs(60))
        .burst(1);
    let devtools = devtools()
        .auth(
            Gate::new()
                .memory()
                .token(TOKEN)
                .token(Token::new(ADMIN).roles(["admin"])),
        )
        .layer_for("e2e:get-modules", require_role("admin"))
        .layer_for("e2e:notifications", rate_limit(limit));
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let call = async |token: &str, name: &str| {
        let headers = format!("{JSON}authorization: Bearer {token}\r\n");
        send(server.local_addr(), "POST", name, &headers, "[]").await
    };
    let stranger = post(&server, "e2e:get-count", "[]").await;
    assert_eq!(stranger.status, 401, "{}", stranger.body);
    assert!(stranger.head.contains("\r\nwww-authenticate: bearer"));
    // Nobody learns which functions there are.
    assert_eq!(post(&server, "e2e:nope", "[]").await.status, 401);
    assert_eq!(call("guessed", "e2e:get-count").await.status, 401);
    assert_eq!(call(TOKEN, "e2e:get-count").await.status, 200);
    let refused = call(TOKEN, "e2e:get-modules").await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["error"]["code"], "role-required");
    let admitted = call(ADMIN, "e2e:get-modules").await;
    assert_eq!(admitted.status, 200);
    // The requests of one token count together.
    assert_eq!(call(TOKEN, "e2e:notifications").await.status, 200);
    let again = call(TOKEN, "e2e:notifications").await;
    assert_eq!(again.status, 429, "{}", again.body);
    assert!(again.head.contains("\r\nretry-after: 60"), "{}", again.head);
    let other = call(ADMIN, "e2e:notifications").await;
    assert_eq!(other.status, 200);
    server.shutdown().await;
}

#[tokio::test]
async fn the_functions_are_described_to_those_who_may_call_them() {
    let devtools = devtools().auth(Gate::new().memory().token(TOKEN));
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    let get =
        async |headers: &str, name: &str| send(server.local_addr(), "GET", name, headers, "").await;
    assert_eq!(get("", "").await.status, 401);
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    let foreign = format!("{token}origin: https://example.org\r\n");
    assert_eq!(get(&foreign, "").await.status, 403);
    assert_eq!(get(&token, "e2e:add").await.status, 405);

    let described = get(&token, "").await;
    assert_eq!(described.status, 200, "{}", described.body);
    assert!(
        described
            .head
            .contains("\r\ncontent-type: application/json")
    );
    let document = described.json();
    assert_eq!(document["openrpc"], "1.3.2");
    let methods = document["methods"].as_array().unwrap();
    let method = |name: &str| methods.iter().find(|method| method["name"] == name);
    let add = method("e2e:add").unwrap();
    assert_eq!(add["params"][1]["name"], "b");
    assert_eq!(add["result"]["schema"]["type"], "integer");
    let codes = method("e2e:read-file").unwrap()["x-errors"].as_array();
    assert!(codes.is_some_and(|errors| errors.iter().any(|error| error["code"] == "not-found")));
    server.shutdown().await;
}

#[tokio::test]
async fn a_call_is_in_no_list_and_its_client_cannot_be_called() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let sessions = post(&server, "e2e:sessions", "[]").await;
    assert_eq!(sessions.json(), json!([]));
    let asked = post(&server, "e2e:ask-client", r#"["?"]"#).await;
    assert_eq!(asked.status, 500);
    assert!(asked.message().contains("no connection"), "{}", asked.body);
    server.shutdown().await;
}

#[tokio::test]
async fn an_action_whose_client_left_runs_to_its_end() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    let body = r#"["later"]"#;
    let text = format!(
        "POST /__devtools/__call/e2e:notify-later HTTP/1.1\r\nhost: localhost\r\n{JSON}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    let notifications = || post(&server, "e2e:notifications", "[]");
    eventually_async(|| async { notifications().await.json() == json!(["later"]) }).await;
    server.shutdown().await;
}

/// The block of the guide that calls functions with `curl`.
fn documented_script() -> &'static str {
    const PAGE: &str = include_str!("../../../docs/serving.md");
    let (_, rest) = PAGE.split_once("## Plain HTTP").expect("the section");
    let (_, rest) = rest.split_once("```sh\n").expect("a script");
    rest.split_once("```").expect("its end").0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_curl_lines_call_functions() {
    let found = |name| node::find(&[name]).map(PathBuf::into_os_string);
    let (Some(bash), Some(_)) = (found("bash"), found("curl")) else {
        return node::not_run("the documented script", "there is no bash or no curl");
    };
    let gate = Gate::new().memory().token(TOKEN);
    let server = devtools().auth(gate).bind("127.0.0.1:0").await.unwrap();
    let url = server.url();
    let script = documented_script()
        .replace(
            "http://127.0.0.1:7812/__devtools",
            url.trim_end_matches('/'),
        )
        .replace("my-plugin:add", "e2e:add");
    let mut command = Command::new(bash);
    command.args(["-ec", &script]).env("TOKEN", TOKEN);
    let run = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = in_time(run).await.unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "4242", "{errors}");
    server.shutdown().await;
}

#[tokio::test]
async fn calls_are_recorded_without_their_tokens_and_replayed_without_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.jsonl");
    let gate = || Gate::new().memory().token(TOKEN);
    let builder = devtools().auth(gate());
    let builder = builder.record(Recorder::new(&file).redact(["greeting"]));
    let program = builder.build().await.unwrap();
    let server = program.bind("127.0.0.1:0").await.unwrap();
    let headers = format!("{JSON}authorization: Bearer {TOKEN}\r\n");
    let call = async |server: &Server, name: &str, body: &str| {
        send(server.local_addr(), "POST", name, &headers, body).await
    };
    for (name, body) in [
        ("e2e:get-count", "[]".to_owned()),
        ("e2e:set-count", "[7]".to_owned()),
        ("e2e:get-count", "[]".to_owned()),
        ("e2e:echo", format!(r#"["{TOKEN}"]"#)),
        (
            "e2e:greet",
            r#"{"greeting": "Hi", "name": "Ada"}"#.to_owned(),
        ),
    ] {
        let answer = call(&server, name, &body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    }
    assert_eq!(call(&server, "e2e:add", "[1]").await.status, 400);
    server.shutdown().await;
    program.shutdown().await;
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(TOKEN), "{text}");
    let calls = text.matches(r#""session":0,"from":"client""#).count();
    assert_eq!(calls, 6, "{text}");
    let replies = text
        .matches(r#""session":0,"from":"server","reply""#)
        .count();
    assert_eq!(replies, 6, "{text}");

    // A program without these functions answers as they did, in the recorded order.
    let builder = DevTools::builder().without_collected().auth(gate());
    let replaying = builder.build().await.unwrap();
    let recording = Recording::open(&file).unwrap();
    replaying
        .replay(&recording, ReplayOptions::new().at_once())
        .unwrap();
    let server = replaying.bind("127.0.0.1:0").await.unwrap();
    for (name, body, expected) in [
        ("e2e:get-count", "", json!(0)),
        ("e2e:get-count", "[]", json!(7)),
        ("e2e:get-count", "[]", json!(7)),
        ("e2e:set-count", "[7]", json!(null)),
        ("e2e:greet", r#"["Ada", "another"]"#, json!("Hi, Ada!")),
    ] {
        let answer = call(&server, name, body).await;
        assert_eq!((answer.status, answer.json()), (200, expected), "{name}");
    }
    let answer = call(&server, "e2e:set-count", "[8]").await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(answer.json()["error"]["code"], "not-recorded");
    let answer = call(&server, "e2e:no-such", "[]").await;
    assert_eq!(answer.status, 404, "{}", answer.body);
    let answer = call(&server, "e2e:greet", r#"{"name": "Ada"}"#).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.message().contains("send the array"));
    let answer = call(&server, "e2e:add", "[1]").await;
    assert!(answer.status >= 400, "{}", answer.body);
    let stranger = post(&server, "e2e:get-count", "[]").await;
    assert_eq!(stranger.status, 401);
    server.shutdown().await;

    // A program with the functions does not run them.
    let replaying = devtools().build().await.unwrap();
    replaying
        .replay(&recording, ReplayOptions::new().at_once())
        .unwrap();
    let server = replaying.bind("127.0.0.1:0").await.unwrap();
    let named = r#"{"name": "Ada", "greeting": "Hey"}"#;
    assert_eq!(post(&server, "e2e:greet", named).await.json(), "Hi, Ada!");
    assert_eq!(post(&server, "e2e:set-count", "[8]").await.status, 404);
    server.shutdown().await;
}

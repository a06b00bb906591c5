//! Recordings of the JavaScript server, played against this one.

use std::time::Duration;

use devtools_runtime::{RpcSession, Server, js, rpc_function};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::fixture::{Boom, devtools};
use tests::http::{Answer, answer, send};
use tests::wait::in_time;
use tokio::task::JoinHandle;

use super::bare_http::Events;

const TRANSCRIPTS: &str = include_str!("../../../vectors/transcripts.json");

#[rpc_function(name = "proto:add", as = ProtoAdd, encoding = "structured-clone")]
fn proto_add(a: i64, b: i64) -> i64 {
    a + b
}

#[derive(Serialize, Deserialize)]
struct Rich {
    map: js::Map<String, u8>,
    set: js::Set<String>,
    date: Option<js::Date>,
    big: js::BigInt,
    undef: js::Undefined,
    re: js::RegExp,
    bytes: js::Bytes,
}

#[rpc_function(name = "proto:rich", as = ProtoRich, encoding = "structured-clone")]
fn proto_rich() -> Rich {
    Rich {
        map: [("k".to_owned(), 1)].into_iter().collect(),
        set: ["x".to_owned()].into_iter().collect(),
        date: js::Date::from_millis(0),
        big: js::BigInt::from(10_i64),
        undef: js::Undefined,
        re: js::RegExp::new("a", "g"),
        bytes: js::Bytes::from(vec![1, 2]),
    }
}

#[rpc_function(name = "proto:event", as = ProtoEvent, kind = "event")]
fn proto_event(_message: String) {}

#[rpc_function(name = "proto:throw-plain", as = ProtoThrow)]
fn proto_throw() -> Result<(), Boom> {
    Err(Boom)
}

#[rpc_function(name = "proto:slow", as = ProtoSlow, encoding = "structured-clone")]
async fn proto_slow(ms: u64, value: u8) -> u8 {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    value
}

#[rpc_function(name = "ui:sum", as = UiSum, side = "client", encoding = "structured-clone")]
async fn ui_sum(a: i64, b: i64) -> i64;

#[rpc_function(name = "ui:note", as = UiNote, kind = "event", side = "client", encoding = "structured-clone")]
async fn ui_note(text: String);

/// Plays a recording against a server of its own.
struct Replay {
    server: Server,
    /// The head of an event stream is compared where that is.
    requests: Vec<Option<JoinHandle<Answer>>>,
    events: Option<Events>,
    /// The ids that differ here: those of sessions and of the server's calls.
    renamed: Vec<(String, String)>,
    sum: Option<JoinHandle<i64>>,
    /// Positions of requests that are about what is not offered.
    left_out: Vec<usize>,
    compared: usize,
}

impl Replay {
    async fn run(name: &str) -> (usize, usize) {
        let transcripts: Value = serde_json::from_str(TRANSCRIPTS).unwrap();
        let mut all = transcripts["transcripts"].as_array().unwrap().iter();
        let transcript = all.find(|transcript| transcript["name"] == name).unwrap();
        let exchange = transcript["exchange"].as_array().unwrap();
        let devtools = devtools().base("/");
        let mut replay = Self {
            server: devtools.bind("127.0.0.1:0").await.unwrap(),
            requests: Vec::new(),
            events: None,
            renamed: Vec::new(),
            sum: None,
            left_out: Vec::new(),
            compared: 0,
        };
        // Recorded ids are known only from the opening event, which may come later.
        let recorded = exchange.iter().find_map(|item| {
            let opening = item["stream"].as_str()?;
            opening.strip_prefix("event: session\ndata: ")
        });
        for item in exchange {
            replay.step(item, recorded.unwrap().trim_end()).await;
        }
        let from_server = exchange.iter().filter(|item| {
            item["dir"] == "s2c" && (item["to"].is_string() || item["stream"].is_string())
        });
        (replay.compared, from_server.count())
    }

    async fn step(&mut self, item: &Value, recorded: &str) {
        if let Some(method) = item["method"].as_str() {
            self.request(method, item, recorded).await;
        } else if let Some(to) = item["to"].as_str() {
            let index: usize = to.split_once('#').unwrap().1.parse().unwrap();
            if !self.left_out.contains(&index) {
                self.compare(item, index).await;
                self.compared += 1;
            }
        } else if let Some(stream) = item["stream"].as_str() {
            self.stream(stream).await;
        } else {
            assert!(item["streamAborted"].is_string(), "{item}");
            self.events = None;
        }
    }

    async fn request(&mut self, method: &str, item: &Value, recorded: &str) {
        let headers = item["headers"].as_object().into_iter().flatten();
        let headers: Vec<(String, String)> = headers
            .map(|(name, value)| (name.clone(), self.rename(value.as_str().unwrap())))
            .collect();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        let address = self.server.local_addr();
        let path = item["url"].as_str().unwrap();
        let body = self.rename(item["body"].as_str().unwrap_or_default());
        if method == "GET" {
            let events = Events::open(address, path, &headers).await;
            let session = events.session.clone();
            self.renamed.push((recorded.to_owned(), session));
            self.events = Some(events);
            self.requests.push(None);
            return;
        }
        let index = self.requests.len();
        if body.contains(r#""devframe:rpc:server-state:get""#) && body.contains("proto:") {
            self.left_out.push(index);
        }
        // Sent before the next one is: they may not pass each other here.
        let stream = send(address, method, path, &headers, &body).await;
        self.requests.push(Some(tokio::spawn(answer(stream))));
        tokio::time::sleep(Duration::from_millis(20)).await;
        if let Some(sum) = self.sum.take_if(|_| body.contains(r#"[0,"r"],[0,5]"#)) {
            assert_eq!(in_time(sum).await.unwrap(), 5, "the server has its reply");
        }
    }

    async fn compare(&mut self, item: &Value, index: usize) {
        let answered;
        let answer = if let Some(request) = self.requests[index].take() {
            answered = in_time(request).await.unwrap();
            &answered
        } else {
            &self.events.as_ref().unwrap().head
        };
        assert_eq!(item["status"], answer.status, "{item}\n{answer:?}");
        for (name, value) in item["headers"].as_object().unwrap() {
            assert_eq!(answer.header(name), value.as_str(), "{item}\n{answer:?}");
        }
        let body = item["body"].as_str().unwrap_or_default();
        if let Some((head, _)) = body.split_once(r#","r"],[2,[[7,8]]],[0,"isTrusted"],"#) {
            // Here the handshake is answered as JSON.
            let id = head.split('"').nth(7).unwrap();
            let reply = format!(r#"{{"t":"s","i":"{id}","r":{{"isTrusted":true}}}}"#);
            assert_eq!(answer.body, reply);
        } else if body == "Forbidden" {
            // Here it says what would let the page in.
            assert!(answer.body.contains(".allow_origin("), "{answer:?}");
        } else {
            assert_eq!(answer.body, body, "{item}");
        }
    }

    async fn stream(&mut self, recorded: &str) {
        let session: RpcSession = self.server.devtools().context().rpc().sessions()[0].clone();
        if recorded.starts_with("event: session") {
            let opening = &self.events.as_ref().unwrap().opening;
            assert_eq!(*opening, self.rename(recorded));
        } else if recorded.contains("ui:sum") {
            let sum = async move { UiSum::call(&session, 2, 3).await.unwrap() };
            self.sum = Some(tokio::spawn(sum));
            let event = self.events.as_mut().unwrap().next().await.unwrap();
            let id = |event: &str| event.rsplit('"').nth(1).unwrap().to_owned();
            self.renamed.push((id(recorded), id(&event)));
            assert_eq!(event, self.rename(recorded));
        } else if recorded.contains("ui:note") {
            let context = self.server.devtools().context();
            assert_eq!(UiNote::broadcast(context, "multi\nline").await.unwrap(), 1);
            let event = self.events.as_mut().unwrap().next().await.unwrap();
            assert_eq!(event, recorded);
        } else {
            return; // streams and shared state are not offered
        }
        self.compared += 1;
    }

    fn rename(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in &self.renamed {
            text = text.replace(theirs, ours);
        }
        text
    }
}

#[tokio::test]
async fn a_session_is_as_recorded() {
    let (compared, all) = Replay::run("sse/session").await;
    println!(
        "sse/session: {compared} of {all} answers and events, the others are of streams and shared state"
    );
    assert_eq!((compared, all), (16, 19));
}

#[tokio::test]
async fn errors_are_as_recorded() {
    let (compared, all) = Replay::run("sse/http-errors").await;
    println!("sse/http-errors: {compared} of {all} answers and events");
    assert_eq!((compared, all), (14, 14));
}

//! Sessions over server-sent events: what was recorded of the JavaScript server, and bare HTTP.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use devtools_runtime::{
    DevToolsRpcClient, EmbeddedFile, Limits, RpcSession, Server, SessionTransport, js, rpc_function,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::fixture::{Boom, Message, devtools};
use tests::node;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const TRANSCRIPTS: &str = include_str!("../vectors/transcripts.json");

// ---- bare HTTP ------------------------------------------------------------------------------

/// What a server answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

async fn in_time<F: Future>(future: F) -> F::Output {
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, future).await.expect("in time")
}

/// Reads up to the body.
async fn head(stream: &mut BufReader<TcpStream>) -> Answer {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        in_time(stream.read_line(&mut line)).await.unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    let headers = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer {
        status: lines[0].split(' ').nth(1).unwrap().parse().unwrap(),
        headers,
        body: String::new(),
    }
}

/// Sends a request, whose answer may take its time.
async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    BufReader::new(stream)
}

/// The answer to a request.
async fn answer(mut stream: BufReader<TcpStream>) -> Answer {
    let mut answer = head(&mut stream).await;
    let length = answer.header("content-length").unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    in_time(stream.read_exact(&mut body)).await.unwrap();
    answer.body = String::from_utf8(body).unwrap();
    answer
}

/// An event stream.
struct Events {
    stream: BufReader<TcpStream>,
    head: Answer,
    /// The event that came first.
    opening: String,
    session: String,
    address: SocketAddr,
    path: String,
}

impl Events {
    async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut stream = send(address, "GET", path, headers, "").await;
        let head = head(&mut stream).await;
        let mut events = Self {
            stream,
            head,
            opening: String::new(),
            session: String::new(),
            address,
            path: path.to_owned(),
        };
        events.opening = events.next().await.unwrap();
        let id = events.opening.strip_prefix("event: session\ndata: ");
        id.unwrap().trim_end().clone_into(&mut events.session);
        events
    }

    async fn of(server: &Server) -> Self {
        Self::open(server.local_addr(), "/__devtools/__sse", &[]).await
    }

    /// The next part of the stream; `None` once it has ended.
    async fn next(&mut self) -> Option<String> {
        let mut size = String::new();
        in_time(self.stream.read_line(&mut size)).await.ok()?;
        let size = usize::from_str_radix(size.trim_end(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        in_time(self.stream.read_exact(&mut chunk)).await.unwrap();
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }

    /// The frame that the next event brings.
    async fn frame(&mut self) -> String {
        let event = self.next().await.expect("an event");
        let frame = event.strip_prefix("event: message\ndata: ").unwrap();
        frame.strip_suffix("\n\n").unwrap().to_owned()
    }

    /// Begins a POST of this frame.
    async fn begin(&self, frame: &str) -> BufReader<TcpStream> {
        let session = ("x-birpc-session", &*self.session);
        send(self.address, "POST", &self.path, &[session], frame).await
    }

    async fn post(&self, frame: &str) -> Answer {
        answer(self.begin(frame).await).await
    }

    /// The frame that answers a call.
    async fn call(&self, method: &str, arguments: Value) -> String {
        let answer = self.post(&call(method, arguments, "X")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    async fn works(&self) {
        let reply = self.call("e2e:add", json!([1, 2])).await;
        assert_eq!(reply, r#"{"t":"s","i":"X","r":3}"#);
    }
}

fn call(method: &str, arguments: Value, id: &str) -> String {
    json!({ "m": method, "a": arguments, "t": "q", "i": id }).to_string()
}

fn failed(message: &str) -> String {
    format!(
        r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"X"],[0,"e"],[7,{{"name":"Error","message":{message}}}]]"#
    )
}

/// Waits until this many sessions are open.
async fn sessions(server: &Server, count: usize) {
    let rpc = server.devtools().context().rpc();
    in_time(async {
        while rpc.sessions().len() != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

// ---- what was recorded ----------------------------------------------------------------------

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
    /// What is called otherwise here: ids of sessions and of the server's calls.
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

// ---- sessions -------------------------------------------------------------------------------

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
async fn an_id_is_echoed_whatever_it_is() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let events = Events::of(&server).await;
    for (id, echoed) in [
        ("7", "7"),
        ("1.50", "1.5"),
        ("true", "true"),
        (r#"{ "b": [1], "a": "s" }"#, r#"{"a":"s","b":[1]}"#),
        (r#""\u00fc\"]""#, r#""ü\"]""#),
    ] {
        let frame = |name: &str| format!(r#"{{"m":"{name}","a":[1,2],"t":"q","i":{id}}}"#);
        let reply = events.post(&frame("e2e:add")).await.body;
        assert_eq!(reply, format!(r#"{{"t":"s","i":{echoed},"r":3}}"#));
        let reply = events.post(&frame("nope")).await.body;
        assert!(reply.contains(r#"function \"nope\" not found"#), "{reply}");
    }
    // What JavaScript holds for false is no id, and makes an event.
    for id in ["0", "null", "\"\"", "false"] {
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
        assert_eq!(reply, failed("\"boom\""));
    }
    assert_eq!(
        events.call("e2e:nope", json!([])).await,
        failed(r#""[birpc] function \"e2e:nope\" not found""#)
    );
    events.works().await;
}

// ---- bounds and ends ------------------------------------------------------------------------

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_the_session_lives_on() {
    let limits = Limits {
        frame_bytes: 1024,
        ..Limits::default()
    };
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
    let limits = Limits {
        calls_in_flight: 1,
        ..Limits::default()
    };
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

#[tokio::test]
async fn a_session_that_is_closed_delivers_its_replies_first() {
    let server = devtools().bind("127.0.0.1:0").await.unwrap();
    let mut events = Events::of(&server).await;
    let held = events.begin(&call("e2e:sleep", json!([200]), "X")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.devtools().context().rpc().sessions()[0].close();
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

// ---- discovery ------------------------------------------------------------------------------

const PANEL: &[EmbeddedFile] = &[EmbeddedFile::new("index.html", b"panel")];

#[tokio::test]
async fn the_metadata_names_the_stream_after_the_socket() {
    let devtools = devtools().build().await.unwrap();
    let views = devtools.context().views();
    views.host_static("/__panel/", PANEL).unwrap();
    let server = devtools.bind("127.0.0.1:0").await.unwrap();
    for (document, mount) in [("/__devtools/", ""), ("/__panel/", "../__devtools/")] {
        let path = format!("{document}__connection.json");
        let meta = answer(send(server.local_addr(), "GET", &path, &[], "").await).await;
        let begins = format!(
            r#"{{"backend":"websocket","websocket":{{"path":"{mount}__ws"}},"sse":{{"path":"{mount}__sse"}},"#
        );
        assert!(meta.body.starts_with(&begins), "{}", meta.body);
    }
}

#[tokio::test]
async fn a_mounted_service_has_sessions_too() {
    let devtools = devtools().build().await.unwrap();
    let app = Router::new().nest_service("/tools", devtools.service());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut events = Events::open(address, "/tools/__sse", &[]).await;
    events.works().await;
    devtools.shutdown().await;
    assert_eq!(events.next().await, None);
    serving.abort();
}

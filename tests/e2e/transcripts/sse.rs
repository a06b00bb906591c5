//! Replaying a session over server-sent events: requests as they were recorded, and what answers them.

use devtools_runtime::{Auth, Server};
use serde_json::Value;
use tests::http::{Answer, answer, head, send};
use tests::wait::in_time;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::broadcasts::{self, Seen};
use crate::differences::{Difference, Kind, Known, Tally, are_all_met, between, known, pushed};
use crate::functions::{Declared, Shared, server};
use crate::http::headers;
use crate::recording::{Message, Transcript, transcript};
use crate::streams;

/// The recordings that are played.
pub(crate) const SESSIONS: &[&str] = &["sse/session", "sse/http-errors", "sse/auth-token"];

const OPENING: &str = "event: session\ndata: ";

const OVER_SSE: &[Known] = &[known(
    "sse/session",
    "yfi4GNAIef0KvyXQJEM_M",
    Kind::Result,
    "the shared state that was recorded is not there",
)];

/// An event stream.
struct Events {
    stream: BufReader<TcpStream>,
    head: Answer,
    session: String,
}

impl Events {
    /// The data of the next event.
    async fn next(&mut self, name: &str) -> String {
        let mut size = String::new();
        in_time(self.stream.read_line(&mut size)).await.unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        in_time(self.stream.read_exact(&mut chunk)).await.unwrap();
        chunk.truncate(size);
        let event = String::from_utf8(chunk).unwrap();
        let data = event.strip_prefix(&format!("event: {name}\ndata: "));
        data.and_then(|data| data.strip_suffix("\n\n"))
            .unwrap_or_else(|| panic!("no {name} but {event}"))
            .to_owned()
    }
}

/// A request that is not compared yet.
struct Request {
    answer: JoinHandle<Answer>,
    message: Option<Message>,
}

/// Plays a recording against a server of its own.
struct Replay<'t> {
    transcript: &'t Transcript,
    server: Server,
    shared: Shared,
    tally: &'t mut Tally,
    /// The head of an event stream is compared where `None` is.
    requests: Vec<Option<Request>>,
    events: Option<Events>,
    /// The ids that differ here: those of sessions and of the server's calls.
    renamed: Vec<(String, String)>,
    acting: Option<(&'static str, JoinHandle<Seen>)>,
    /// Events that are about what is not served yet.
    left_out: Vec<String>,
}

async fn replay(name: &str, tally: &mut Tally) -> Vec<String> {
    let transcript = transcript(name);
    let shared = Shared::default();
    let declared = Declared::AsRecorded { definitions: false };
    let builder = server(declared, &shared).auth(Auth::None);
    let mut replay = Replay {
        transcript: &transcript,
        server: builder.bind("127.0.0.1:0").await.unwrap(),
        shared,
        tally,
        requests: Vec::new(),
        events: None,
        renamed: Vec::new(),
        acting: None,
        left_out: Vec::new(),
    };
    let context = replay.server.devtools().context();
    streams::set_up(context, &transcript, declared).await;
    for item in &transcript.exchange {
        replay.step(item).await;
    }
    let left_out = replay.left_out;
    tally.transcripts += 1;
    left_out
}

impl Replay<'_> {
    async fn step(&mut self, item: &Value) {
        if let Some(method) = item["method"].as_str() {
            self.request(method, item).await;
        } else if let Some(to) = item["to"].as_str() {
            let index: usize = to.split_once('#').unwrap().1.parse().unwrap();
            self.compare(item, index).await;
        } else if let Some(stream) = item["stream"].as_str() {
            for event in stream.split_terminator("\n\n") {
                self.event(event).await;
            }
        } else {
            assert!(item["streamAborted"].is_string(), "{item}");
            self.abort().await;
        }
    }

    async fn request(&mut self, method: &str, item: &Value) {
        let headers = headers(item);
        let renamed: Vec<String> = headers.iter().map(|(_, it)| self.rename(it)).collect();
        let names = headers.iter().map(|(name, _)| *name);
        let headers: Vec<(&str, &str)> = names.zip(renamed.iter().map(|it| &**it)).collect();
        let address = self.server.local_addr();
        let path = item["url"].as_str().unwrap();
        let body = self.rename(item["body"].as_str().unwrap_or_default());
        let mut stream = send(address, method, path, &headers, &body).await;
        self.tally.sent += 1;
        self.tally.connections += 1;
        if method == "GET" {
            let head = head(&mut stream).await;
            assert_eq!(head.status, 200, "{head:?}");
            let mut events = Events {
                stream,
                head,
                session: String::new(),
            };
            events.session = events.next("session").await;
            // Requests may name the session before the recording shows its opening event.
            let mut items = self.transcript.exchange.iter();
            let recorded = items.find_map(|item| item["stream"].as_str()?.strip_prefix(OPENING));
            if let Some(recorded) = recorded {
                let recorded = recorded.split('\n').next().unwrap().to_owned();
                self.renamed.push((recorded, events.session.clone()));
            }
            self.events = Some(events);
            self.requests.push(None);
            return;
        }
        self.requests.push(Some(Request {
            answer: tokio::spawn(answer(stream)),
            message: Message::read(&body),
        }));
    }

    async fn compare(&mut self, item: &Value, index: usize) {
        let Some(request) = self.requests[index].take() else {
            let ours = &self.events.as_ref().unwrap().head;
            compare_head(item, ours);
            self.tally.count(Vec::new());
            return;
        };
        let ours = in_time(request.answer).await.unwrap();
        compare_head(item, &ours);
        let body = item["body"].as_str().unwrap();
        let (recorded, reply) = (Message::read(body), Message::read(&ours.body));
        let (Some(recorded), Some(reply)) = (recorded, reply) else {
            if body == "Forbidden" {
                // Here it says what would let the page in.
                assert!(ours.body.contains(".allow_origin("), "{ours:?}");
            } else {
                assert_eq!(body, ours.body);
            }
            self.tally.count(Vec::new());
            return;
        };
        let call = request.message.unwrap();
        assert_eq!(recorded.id(), reply.id(), "{item}");
        let difference = |kind| Difference {
            transcript: self.transcript.name.clone(),
            method: call.method().to_owned(),
            id: call.id().and_then(Value::as_str).unwrap().to_owned(),
            kind,
            recorded: recorded.to_string(),
            ours: reply.to_string(),
        };
        let kinds = between(&recorded, &reply).into_iter();
        self.tally.count(kinds.map(difference).collect());
        // The server may have waited for something in this request.
        if let Some((label, acting)) = self.acting.take_if(|(_, acting)| acting.is_finished()) {
            assert_eq!(acting.await.unwrap(), self.transcript.outcome(label));
        }
    }

    async fn event(&mut self, recorded: &str) {
        if let Some(session) = recorded.strip_prefix(OPENING) {
            let events = self.events.as_ref().unwrap();
            assert_eq!(self.rename(session), events.session);
            self.tally.count(Vec::new());
            return;
        }
        let recorded = recorded.strip_prefix("event: message\ndata: ").unwrap();
        let recorded = Message::read(recorded).unwrap();
        let label = match recorded.method() {
            "ui:sum" => Some("broadcast $call"),
            "ui:note" => Some("note"),
            "devframe:streaming:chunk" => Some("all"),
            // It follows the chunk by itself.
            "devframe:streaming:end" => None,
            method => return self.left_out.push(method.to_owned()),
        };
        if let Some(label) = label {
            let context = self.server.devtools().context().clone();
            self.finish_action().await;
            self.acting = Some((label, tokio::spawn(broadcasts::act(context, label))));
        }
        let ours = self.events.as_mut().unwrap().next("message").await;
        let ours = Message::read(&ours).unwrap();
        let (is_same_codec, renamed) = pushed(recorded, ours, |_| false);
        assert!(is_same_codec);
        self.renamed.extend(renamed);
        self.tally.count(Vec::new());
    }

    /// Compares what the server made of the answers of its client.
    async fn finish_action(&mut self) {
        if let Some((label, acting)) = self.acting.take() {
            let seen = in_time(acting).await.unwrap();
            assert_eq!(seen, self.transcript.outcome(label), "{label}");
        }
    }

    /// Closes the stream, once the server has what was sent before.
    async fn abort(&mut self) {
        self.finish_action().await;
        for request in self.requests.iter_mut().flatten() {
            let message = request.message.as_ref();
            if let Some(slow) = message.filter(|message| message.method() == "proto:slow") {
                let ms = slow.fields["a"][0].as_u64().unwrap();
                in_time(self.shared.begun(ms)).await;
            } else {
                let answered = in_time(&mut request.answer).await.unwrap();
                request.answer = tokio::spawn(async { answered });
            }
        }
        self.events = None;
    }

    fn rename(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in &self.renamed {
            text = text.replace(theirs, ours);
        }
        text
    }
}

fn compare_head(recorded: &Value, ours: &Answer) {
    assert_eq!(recorded["status"], ours.status, "{recorded}\n{ours:?}");
    for (name, value) in headers(recorded) {
        assert_eq!(ours.header(name), Some(value), "{recorded}\n{ours:?}");
    }
}

#[tokio::test]
async fn sessions_over_server_sent_events_are_as_recorded() {
    let mut tally = Tally::new(OVER_SSE, Declared::AsRecorded { definitions: false });
    let mut left_out = Vec::new();
    for name in SESSIONS {
        left_out.extend(replay(name, &mut tally).await);
    }
    tally.print("sse");
    println!("    not served yet: {}", left_out.join(", "));
    assert_eq!((tally.transcripts, tally.compared), (3, 33));
    are_all_met(OVER_SSE, &[&tally]);
}

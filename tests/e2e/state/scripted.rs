//! A server of one shared state that answers and sends exactly what a test says, right or wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// The key of the state.
pub const KEY: &str = "state:scripted";

/// Answers a `get` with its reply, and with the events that are sent before it.
pub type Answer = Box<dyn FnMut() -> (Vec<Value>, Result<Value, &'static str>) + Send>;

/// A scripted server.
pub struct Scripted {
    pub url: String,
    events: mpsc::UnboundedSender<Value>,
    gets: Arc<AtomicUsize>,
}

impl Scripted {
    pub async fn serve(mut answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = listener.local_addr().unwrap();
        let metadata =
            json!({"backend": "websocket", "websocket": format!("ws://{socket}")}).to_string();
        let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", pages.local_addr().unwrap());
        let answer_page = move || std::future::ready(metadata.clone());
        let route = axum::routing::get(answer_page);
        let app = axum::Router::new().route("/__connection.json", route);
        tokio::spawn(async move { axum::serve(pages, app).await });

        let (events, mut sent) = mpsc::unbounded_channel::<Value>();
        let gets = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&gets);
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            loop {
                let frames = tokio::select! {
                    biased;
                    event = sent.recv() => match event {
                        Some(event) => vec![event],
                        None => return,
                    },
                    request = socket.next() => {
                        let Some(Ok(request)) = request else { return };
                        let Ok(text) = request.to_text() else { return };
                        let Some((method, id)) = read(text) else { continue };
                        let reply = |outcome: Result<Value, &str>| match outcome {
                            Ok(value) => json!({"t": "s", "i": id, "r": value}),
                            Err(message) => json!({"t": "s", "i": id, "e": {"name": "Error", "message": message}}),
                        };
                        match &*method {
                            "anonymous:devframe:auth" => vec![reply(Ok(json!({"isTrusted": true})))],
                            "devframe:rpc:server-state:get" => {
                                count.fetch_add(1, Ordering::SeqCst);
                                let (mut frames, outcome) = answer();
                                frames.push(reply(outcome));
                                frames
                            }
                            _ => vec![reply(Err("no such function"))],
                        }
                    }
                };
                for frame in frames {
                    let sent = socket.send(Message::text(frame.to_string())).await;
                    if sent.is_err() {
                        return;
                    }
                }
            }
        });
        Self { url, events, gets }
    }

    /// Sends an event.
    pub fn send(&self, event: Value) {
        self.events.send(event).unwrap();
    }

    /// How often the value was asked for.
    pub fn gets(&self) -> usize {
        self.gets.load(Ordering::SeqCst)
    }
}

/// The event that sends patches.
pub fn patched(patches: &Value, id: &str) -> Value {
    json!({"m": "devframe:rpc:client-state:patch", "a": [KEY, patches, id], "t": "q", "o": true})
}

/// The event that sends a whole value.
pub fn updated(value: &Value, id: &str) -> Value {
    json!({"m": "devframe:rpc:client-state:updated", "a": [KEY, value, id], "t": "q", "o": true})
}

/// The method and the id of a request in either codec. `None` for an event.
fn read(text: &str) -> Option<(String, String)> {
    let field = |name: &str| -> Option<String> {
        let Some(records) = text.strip_prefix("s:") else {
            let request: Value = serde_json::from_str(text).unwrap();
            return request[name].as_str().map(str::to_owned);
        };
        let records: Vec<(u8, Value)> = serde_json::from_str(records).unwrap();
        let at = |index: &Value| &records[usize::try_from(index.as_u64().unwrap()).unwrap()].1;
        let mut members = records[0].1.as_array().unwrap().iter();
        let member = members.find(|member| at(&member[0]) == name)?;
        at(&member[1]).as_str().map(str::to_owned)
    };
    Some((field("m")?, field("i")?))
}

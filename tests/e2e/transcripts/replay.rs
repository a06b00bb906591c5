//! Replaying a recording over a WebSocket.
//!
//! Each connection sends its recorded frames as they stand, and waits wherever the recording shows a frame of the
//! server before the next one. What was done to the server is done at its mark.

use std::collections::BTreeSet;

use devtools_runtime::Server;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tests::wait::in_time;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as WebSocketMessage;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::broadcasts::{self, Action};
use crate::differences::{Difference, Kind, Tally, between, pushed};
use crate::functions::Shared;
use crate::recording::{Direction, Frame, Message, Transcript, undefined};

/// The id of the call that shows that nothing is left to come.
const LAST: &str = "the last call";

/// One recording, played against a server.
pub(crate) struct Replay<'t> {
    transcript: &'t Transcript,
    server: &'t mut Option<Server>,
    shared: Shared,
    tally: &'t mut Tally,
    /// The texts that differ here: ids of the server's calls, codes and tokens.
    renamed: &'t mut Vec<(String, String)>,
    wires: Vec<Option<Wire>>,
    connected: mpsc::Receiver<()>,
    action: Option<(&'static str, JoinHandle<broadcasts::Seen>)>,
}

/// Whether a stream has ended with an error here, and without one in the recording.
fn is_failure_for_success(recorded: &Message, ours: &Message) -> bool {
    let error = |message: &Message| message.fields["a"][2].clone();
    ours.method() == "devframe:streaming:end"
        && error(recorded) == undefined()
        && error(ours) != undefined()
}

/// One connection.
struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The recorded frame that comes next.
    next: usize,
    calls: Vec<Call>,
    /// Replies that came while an earlier one was waited for.
    early: Vec<Message>,
    /// Replies that came while a chunk of a stream was waited for: whether they come before it depends on what
    /// arrives first, because chunks leave when no reply is to be written.
    beside: Vec<Message>,
}

/// A call that was sent.
struct Call {
    id: Value,
    method: String,
    /// The call that ends when the test lets it.
    slow: Option<u64>,
    answered: bool,
}

impl<'t> Replay<'t> {
    pub(crate) fn new(
        transcript: &'t Transcript,
        server: &'t mut Option<Server>,
        shared: &Shared,
        renamed: &'t mut Vec<(String, String)>,
        tally: &'t mut Tally,
    ) -> Self {
        let (came, connected) = mpsc::channel(16);
        let context = server.as_ref().unwrap().devtools().context();
        // A replay before this one, of the same server, does not listen any more.
        context.rpc().on_connect(move |_| {
            let _ = came.try_send(());
        });
        Self {
            transcript,
            server,
            shared: shared.clone(),
            tally,
            renamed,
            wires: transcript.connections.iter().map(|_| None).collect(),
            connected,
            action: None,
        }
    }

    /// Plays all of it.
    pub(crate) async fn run(mut self, actions: &[Action]) {
        let connections = &self.transcript.connections;
        for action in actions {
            for connection in 0..connections.len() {
                let end = self.begin_of(action, connection);
                self.play(connection, end).await;
            }
            self.finish_action().await;
            self.begin(action).await;
        }
        for (connection, recorded) in connections.iter().enumerate() {
            self.play(connection, recorded.frames.len()).await;
        }
        if self.transcript.name.ends_with("/disconnect") {
            // Which is what the server sees.
            self.wires.clear();
        }
        self.finish_action().await;
        for connection in 0..self.wires.len() {
            self.end(connection).await;
        }
        for label in ["handler saw", "event seen by handler"] {
            if let Some(outcome) = self.transcript.outcome(label) {
                assert_eq!(Ok(self.shared.events()), outcome, "{label}");
            }
        }
        self.tally.transcripts += 1;
    }

    /// Where an action stands in the frames of a connection.
    fn begin_of(&self, action: &Action, connection: usize) -> usize {
        if let Some(text) = action.mark {
            let mut marks = self.transcript.marks.iter();
            let mark = marks.find(|mark| mark.text == text && mark.connection == connection);
            return mark.map_or(0, |mark| mark.after_frame);
        }
        let mut frames = self.transcript.connections[connection].frames.iter();
        let push = frames.position(|frame| {
            let pushed = Message::read(&frame.text).is_some_and(|message| message.is_request());
            frame.dir == Direction::ToClient && pushed
        });
        push.unwrap()
    }

    async fn begin(&mut self, action: &Action) {
        // All of them are there, whether they have said anything or not.
        for connection in 0..self.wires.len() {
            self.open(connection).await;
        }
        let context = self.server.as_ref().unwrap().devtools().context().clone();
        let acting = tokio::spawn(broadcasts::act(context, action.label));
        self.action = Some((action.label, acting));
    }

    /// Compares what the server made of the answers of its clients.
    async fn finish_action(&mut self) {
        if let Some((label, acting)) = self.action.take() {
            let seen = in_time(acting).await.unwrap();
            if let (Some(seen), Some(recorded)) = (seen, self.transcript.outcome(label)) {
                assert_eq!(seen, recorded, "{label}");
            }
        }
    }

    async fn open(&mut self, connection: usize) {
        if self.wires[connection].is_some() {
            return;
        }
        let path = match &*self.transcript.connections[connection].path {
            "/" => "/__ws".to_owned(), // the path of a transport that was built by hand
            path => self.rename(path),
        };
        let address = self.server.as_ref().unwrap().local_addr();
        let url = format!("ws://{address}{path}");
        let (socket, _) = in_time(tokio_tungstenite::connect_async(url))
            .await
            .unwrap();
        in_time(self.connected.recv()).await.unwrap();
        self.tally.connections += 1;
        self.wires[connection] = Some(Wire {
            socket,
            next: 0,
            calls: Vec::new(),
            early: Vec::new(),
            beside: Vec::new(),
        });
    }

    /// Plays the frames of a connection before this one.
    async fn play(&mut self, connection: usize, end: usize) {
        let transcript = self.transcript;
        while self.wires[connection].as_ref().map_or(0, |wire| wire.next) < end {
            self.open(connection).await;
            let wire = self.wires[connection].as_mut().unwrap();
            let frame = &transcript.connections[connection].frames[wire.next];
            wire.next += 1;
            match frame.dir {
                Direction::ToServer => self.send(connection, frame).await,
                Direction::ToClient => self.receive(connection, frame).await,
            }
        }
    }

    async fn send(&mut self, connection: usize, frame: &Frame) {
        let text = self.rename(&frame.text);
        let wire = self.wires[connection].as_mut().unwrap();
        if let Some(message) = Message::read(&text).filter(Message::is_request) {
            wire.calls.extend(message.id().map(|id| {
                Call {
                    id: id.clone(),
                    method: message.method().to_owned(),
                    slow: (message.method() == "proto:slow")
                        .then(|| message.fields["a"][0].as_u64().unwrap()),
                    answered: false,
                }
            }));
        }
        let message = if frame.binary {
            WebSocketMessage::binary(text.into_bytes())
        } else {
            WebSocketMessage::text(text)
        };
        wire.socket.send(message).await.unwrap();
        self.tally.sent += 1;
    }

    async fn receive(&mut self, connection: usize, frame: &Frame) {
        let recorded = Message::read(&self.rename(&frame.text)).unwrap();
        if recorded.is_request() {
            self.receive_push(connection, recorded).await;
        } else {
            self.receive_reply(connection, &recorded).await;
        }
    }

    /// A call or an event of the server's, which has an id of its own.
    async fn receive_push(&mut self, connection: usize, recorded: Message) {
        let ours = self.next_push(connection).await;
        let mut kinds = BTreeSet::new();
        let mut same = ours.clone();
        if is_failure_for_success(&recorded, &ours) {
            kinds.insert(Kind::Refused);
            same.fields["a"] = recorded.fields["a"].clone();
        }
        let is_of_client = |id: &str| self.was_sent(id);
        let (is_same_codec, renamed) = pushed(recorded.clone(), same, is_of_client);
        self.renamed.extend(renamed);
        if !is_same_codec {
            kinds.insert(Kind::Codec);
        }
        let method = recorded.method().to_owned();
        self.count(kinds, &method, "", &recorded, &ours);
    }

    /// Whether a client has sent this id already.
    fn was_sent(&self, id: &str) -> bool {
        let id = format!("\"{id}\"");
        let played = self
            .wires
            .iter()
            .map(|wire| wire.as_ref().map_or(0, |wire| wire.next));
        let mut played = self.transcript.connections.iter().zip(played);
        played.any(|(connection, next)| {
            let mut frames = connection.frames[..next].iter();
            frames.any(|frame| {
                frame.dir == Direction::ToServer && self.rename(&frame.text).contains(&id)
            })
        })
    }

    async fn receive_reply(&mut self, connection: usize, recorded: &Message) {
        let id = recorded.id().unwrap().clone();
        let wire = self.wires[connection].as_mut().unwrap();
        let mut calls = wire.calls.iter_mut();
        let call = calls.find(|call| call.id == id && !call.answered).unwrap();
        call.answered = true;
        let method = call.method.clone();
        if let Some(ms) = call.slow {
            self.shared.pass(ms);
        }
        if id.is_object() {
            let kinds = BTreeSet::from([Kind::Unanswered]);
            self.count(kinds, &method, "", recorded, recorded);
            return;
        }
        let early = wire.early.iter().position(|reply| reply.id() == Some(&id));
        let overtook = early.is_some();
        let mut beside = wire.beside.iter();
        let beside = beside.position(|reply| reply.id() == Some(&id));
        let ours = match (early, beside) {
            (Some(early), _) => wire.early.remove(early),
            (None, Some(beside)) => wire.beside.remove(beside),
            (None, None) => self.next_reply(connection, &id).await,
        };
        let recorded = self.learn_token(recorded, &ours);
        let mut kinds = between(&recorded, &ours);
        if overtook {
            kinds.insert(Kind::Order);
        }
        let id = id.as_str().unwrap_or_default();
        self.count(kinds, &method, id, &recorded, &ours);
    }

    /// A token that the server gave stands for the recorded one from now on.
    fn learn_token(&mut self, recorded: &Message, ours: &Message) -> Message {
        let token = |message: &Message| {
            let result = message.result().ok()?;
            result.get("authToken")?.as_str().map(str::to_owned)
        };
        let mut recorded = recorded.clone();
        if let (Some(theirs), Some(given)) = (token(&recorded), token(ours)) {
            assert_eq!(theirs.len(), given.len(), "a token");
            recorded.fields["r"]["authToken"] = given.clone().into();
            self.renamed.push((theirs, given));
        }
        recorded
    }

    /// The next call or event, which replies may overtake.
    async fn next_push(&mut self, connection: usize) -> Message {
        loop {
            let message = self.next(connection).await;
            if message.is_request() {
                return message;
            }
            assert_eq!(self.transcript.group(), "streaming", "got {message}");
            let wire = self.wires[connection].as_mut().unwrap();
            wire.beside.push(message);
        }
    }

    /// The reply with this id, which other replies may overtake, but no push.
    async fn next_reply(&mut self, connection: usize, id: &Value) -> Message {
        loop {
            let message = self.next(connection).await;
            let transcript = &self.transcript.name;
            assert!(
                !message.is_request(),
                "{transcript}: got {message} before {id}"
            );
            if message.id() == Some(id) {
                return message;
            }
            let wire = self.wires[connection].as_mut().unwrap();
            wire.early.push(message);
        }
    }

    /// The next frame.
    async fn next(&mut self, connection: usize) -> Message {
        let wire = self.wires[connection].as_mut().unwrap();
        match in_time(wire.socket.next()).await {
            Some(Ok(WebSocketMessage::Text(text))) => Message::read(&text).unwrap(),
            other => panic!("{}: no frame but {other:?}", self.transcript.name),
        }
    }

    /// Sees that nothing came that was not recorded.
    async fn end(&mut self, connection: usize) {
        let recorded = &self.transcript.connections[connection];
        if let Some(close) = recorded.close.as_ref().filter(|close| close.by == "server") {
            assert_eq!(close.code, 1006, "no closing handshake was recorded");
            drop(self.server.take());
            let wire = self.wires[connection].as_mut().unwrap();
            let end = in_time(wire.socket.next()).await;
            if let Some(Ok(message)) = &end {
                assert!(message.is_close(), "{message:?}");
                let (recorded, ours) = (format!("{close:?}"), format!("{message:?}"));
                self.beyond(Kind::Close, "", recorded, ours);
            }
            return;
        }
        let wire = self.wires[connection].as_mut().unwrap();
        let last = format!(r#"{{"m":"proto:add","a":[20,22],"t":"q","i":"{LAST}"}}"#);
        wire.socket
            .send(WebSocketMessage::text(last))
            .await
            .unwrap();
        self.next_reply(connection, &LAST.into()).await;
        let wire = self.wires[connection].as_mut().unwrap();
        let early = std::mem::take(&mut wire.early);
        for reply in early.into_iter().chain(std::mem::take(&mut wire.beside)) {
            let wire = self.wires[connection].as_ref().unwrap();
            let mut calls = wire.calls.iter();
            let call = calls.find(|call| Some(&call.id) == reply.id() && !call.answered);
            let transcript = &self.transcript.name;
            let call = call.unwrap_or_else(|| panic!("{transcript}: nobody waits for {reply}"));
            let method = call.method.clone();
            self.beyond(Kind::Answered, &method, String::new(), reply.to_string());
        }
    }

    fn count(
        &mut self,
        kinds: BTreeSet<Kind>,
        method: &str,
        id: &str,
        recorded: &Message,
        ours: &Message,
    ) {
        let difference = |kind| Difference {
            transcript: self.transcript.name.clone(),
            method: method.to_owned(),
            id: id.to_owned(),
            kind,
            recorded: recorded.to_string(),
            ours: ours.to_string(),
        };
        self.tally
            .count(kinds.into_iter().map(difference).collect());
    }

    fn beyond(&mut self, kind: Kind, method: &str, recorded: String, ours: String) {
        self.tally.beyond(Difference {
            transcript: self.transcript.name.clone(),
            method: method.to_owned(),
            id: String::new(),
            kind,
            recorded,
            ours,
        });
    }

    fn rename(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in &*self.renamed {
            text = text.replace(theirs, ours);
        }
        text
    }
}

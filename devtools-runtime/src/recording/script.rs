//! A recording, arranged for its replay: the answers to requests, and the frames that the server sends by itself.
//!
//! The time of a session is divided into *moments*. A new one begins with each action that the client calls, and with each frame that the server
//! sends by itself, because the answers to queries may be others from then on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::function::RpcFunction as _;
use crate::peer::{ALIVE, CANCEL, FrameTap};
use crate::protocol::cache::CacheableFunctions;
use crate::protocol::introspection::ListFunctions;
use crate::protocol::is_built_in;
use crate::protocol::state::{GetState, PatchState, SetState, SubscribeState};
use crate::protocol::streaming::{Taken, UploadRoom};
use crate::recording::entry::{LineContent, RecordedMessage, RecordedReply, RecordingLine, Sender};
use crate::recording::key::RequestKey;
use crate::recording::left_out::LeftOut;
use crate::recording::recording::Recording;
use crate::wire::Encoding;
use crate::wire::js::Value;

/// The scope of the functions for streams, and of those that this crate adds to them.
const STREAMING: [&str; 2] = ["devframe:streaming:", "devtools-runtime:streaming:"];

/// The scope of the functions for shared state.
const STATES: &str = "devframe:rpc:server-state:";

/// All sessions of a recording.
#[derive(Debug)]
pub(super) struct Scripts {
    pub(super) sessions: Vec<Arc<Script>>,
    /// The answers of all sessions, in their order. They are used for requests to which a session has no answer of
    /// its own.
    pub(super) answers: HashMap<RequestKey, Vec<ScriptedAnswer>>,
    /// The recorded arguments of each function of the program, without duplicates.
    pub(super) arguments: BTreeMap<String, Vec<Vec<Value>>>,
    pub(super) left_out: LeftOut,
}

/// One session.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The frames that the server sends by itself, in order.
    pub(super) steps: Vec<SentFrame>,
    pub(super) answers: HashMap<RequestKey, Vec<ScriptedAnswer>>,
    /// The keys of the shared states.
    pub(super) states: HashSet<String>,
    /// The names of the channels of streams.
    pub(super) channels: HashSet<String>,
}

/// A frame that the server sends by itself.
#[derive(Debug)]
pub(super) struct SentFrame {
    pub(super) name: String,
    pub(super) arguments: Vec<Value>,
    /// The number of the call. `None` for an event.
    pub(super) call: Option<u64>,
    pub(super) optional: bool,
    pub(super) encoding: Encoding,
    /// The time since the last earlier frame that this one may depend on.
    pub(super) delay: Duration,
    /// The requests that were recorded since the previous step. Each comes with the number of intervals between
    /// steps, up to this step, in which it was made.
    pub(super) requests: Vec<(RequestKey, usize)>,
    /// The calls of the server that the client answered since the previous step.
    pub(super) replies: Vec<u64>,
    /// The moment that begins with this step.
    pub(super) moment: usize,
}

/// The answer to a request of the client.
#[derive(Debug, Clone)]
pub(super) struct ScriptedAnswer {
    /// The moment of the request.
    pub(super) moment: usize,
    /// The moment that begins with the request, if it is an action.
    pub(super) next_moment: Option<usize>,
    /// The time until the reply.
    pub(super) latency: Duration,
    /// The number of steps before the request.
    pub(super) steps_until_request: usize,
    /// The number of steps before the reply.
    pub(super) steps_until_reply: usize,
    /// The reply. `None` for an event, and for a call without a reply in the recording.
    pub(super) outcome: Option<RecordedReply>,
    pub(super) encoding: Encoding,
    /// The id of the change, if the request changes a shared state.
    pub(super) sync_id: Option<String>,
}

impl Scripts {
    pub(super) fn new(recording: &Recording) -> Self {
        let left_out = LeftOut::of(recording);
        let mut sessions: BTreeMap<u64, SessionReader<'_>> = BTreeMap::new();
        let mut order = Vec::new();
        for entry in &recording.entries {
            let LineContent::Frame(frame) = &entry.content else {
                continue;
            };
            let session = sessions.entry(frame.session).or_insert_with(|| {
                order.push(frame.session);
                SessionReader::new(entry.at, &left_out)
            });
            session.take(entry);
        }
        let mut scripts = Vec::new();
        let mut answers: HashMap<RequestKey, Vec<ScriptedAnswer>> = HashMap::new();
        for id in order {
            let Some(script) = sessions.remove(&id).map(SessionReader::finish) else {
                continue;
            };
            for (key, own) in &script.answers {
                answers
                    .entry(key.clone())
                    .or_default()
                    .extend(own.iter().cloned());
            }
            // Calls without a connection are not a session, so no client gets them as its session.
            if id != FrameTap::WITHOUT_CONNECTION {
                scripts.push(script);
            }
        }
        Self {
            arguments: arguments(recording, &left_out),
            sessions: scripts.into_iter().map(Arc::new).collect(),
            answers,
            left_out,
        }
    }
}

/// Returns the recorded arguments of each function of the program.
fn arguments(recording: &Recording, left_out: &LeftOut) -> BTreeMap<String, Vec<Vec<Value>>> {
    let mut found: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    let mut known = BTreeSet::new();
    for call in recording.calls() {
        let mut is_new = || known.insert(RequestKey::new(&call.name, &call.arguments, left_out));
        if !is_built_in(&call.name) && is_new() {
            found.entry(call.name).or_default().push(call.arguments);
        }
    }
    found
}

/// Returns whether the program always answers requests of this name itself, even if an answer was recorded.
pub(super) fn is_of_program(name: &str) -> bool {
    name.starts_with("anonymous:devframe:")
        || name.starts_with("devframe:auth:")
        || name.starts_with("devtools-runtime:inspector:")
        || [ALIVE, CANCEL, CacheableFunctions::NAME, ListFunctions::NAME].contains(&name)
}

/// Returns the channel of a request about a stream.
pub(super) fn channel_of<'a>(name: &str, arguments: &'a [Value]) -> Option<&'a str> {
    let is_of_streams = STREAMING.iter().any(|scope| name.starts_with(scope));
    is_of_streams.then(|| arguments.first()?.as_str()).flatten()
}

/// Returns the key of the shared state that a request is about.
pub(super) fn state_of<'a>(name: &str, arguments: &'a [Value]) -> Option<&'a str> {
    name.starts_with(STATES)
        .then(|| arguments.first()?.as_str())
        .flatten()
}

/// Returns the id of the change that a request makes in a shared state.
pub(super) fn sync_id_of<'a>(name: &str, arguments: &'a [Value]) -> Option<&'a str> {
    let changes = name == SetState::<Value>::NAME || name == PatchState::NAME;
    changes.then(|| arguments.get(2)?.as_str()).flatten()
}

/// A session that is read from its entries.
struct SessionReader<'a> {
    script: Script,
    left_out: &'a LeftOut,
    moment: usize,
    /// The time of the last frame that the next step may depend on.
    last: Duration,
    requests: BTreeSet<RequestKey>,
    replies: Vec<u64>,
    /// The number of intervals between steps in which each request was made.
    made: HashMap<RequestKey, usize>,
    /// The calls without a reply: their keys, places among the answers, and times.
    open: HashMap<u64, (RequestKey, usize, Duration)>,
}

impl<'a> SessionReader<'a> {
    fn new(began: Duration, left_out: &'a LeftOut) -> Self {
        Self {
            script: Script::default(),
            left_out,
            moment: 0,
            last: began,
            requests: BTreeSet::new(),
            replies: Vec::new(),
            made: HashMap::new(),
            open: HashMap::new(),
        }
    }

    fn take(&mut self, entry: &RecordingLine) {
        let LineContent::Frame(frame) = &entry.content else {
            return;
        };
        match (&frame.message, frame.from) {
            (
                RecordedMessage::Call {
                    name,
                    id,
                    is_action,
                    arguments,
                    ..
                },
                Sender::Client,
            ) => self.request(entry.at, name, arguments.as_deref(), Some(*id), *is_action),
            (RecordedMessage::Event { name, arguments }, Sender::Client) => {
                self.request(entry.at, name, arguments.as_deref(), None, false);
            }
            (RecordedMessage::Reply { id, outcome, .. }, Sender::Server) => {
                self.reply(entry.at, *id, outcome, frame.encoding);
            }
            (RecordedMessage::Reply { id, .. }, Sender::Client) => {
                self.replies.push(*id);
                self.last = entry.at;
            }
            (
                RecordedMessage::Call {
                    name,
                    id,
                    optional,
                    arguments: Some(arguments),
                    ..
                },
                Sender::Server,
            ) => self.step(
                entry.at,
                name,
                arguments,
                Some((*id, *optional)),
                frame.encoding,
            ),
            (
                RecordedMessage::Event {
                    name,
                    arguments: Some(arguments),
                },
                Sender::Server,
            ) => self.step(entry.at, name, arguments, None, frame.encoding),
            // Frames whose arguments were left out cannot be sent again, and unreadable ones neither.
            (
                RecordedMessage::Call { .. }
                | RecordedMessage::Event { .. }
                | RecordedMessage::Unreadable(_),
                _,
            ) => {}
        }
    }

    fn request(
        &mut self,
        at: Duration,
        name: &str,
        arguments: Option<&[Value]>,
        id: Option<u64>,
        is_action: bool,
    ) {
        let Some(arguments) = arguments.filter(|_| !is_of_program(name)) else {
            return;
        };
        self.last = at;
        if let Some(state) = state_of(name, arguments) {
            self.script.states.insert(state.to_owned());
        }
        if let Some(channel) = channel_of(name, arguments) {
            self.script.channels.insert(channel.to_owned());
        }
        let key = RequestKey::new(name, arguments, self.left_out);
        // A step does not wait for these requests, because their number and their time depend on how fast the client
        // reads.
        if name != Taken::NAME && name != UploadRoom::NAME && self.requests.insert(key.clone()) {
            *self.made.entry(key.clone()).or_default() += 1;
        }
        let moment = self.moment;
        if is_action {
            self.moment += 1;
        }
        let answers = self.script.answers.entry(key.clone()).or_default();
        if let Some(id) = id {
            self.open.insert(id, (key, answers.len(), at));
        }
        answers.push(ScriptedAnswer {
            moment,
            next_moment: is_action.then_some(self.moment),
            latency: Duration::ZERO,
            steps_until_request: self.script.steps.len(),
            steps_until_reply: 0,
            outcome: None,
            encoding: Encoding::Json,
            sync_id: sync_id_of(name, arguments).map(str::to_owned),
        });
    }

    fn reply(&mut self, at: Duration, id: u64, outcome: &RecordedReply, encoding: Encoding) {
        let Some((key, place, asked)) = self.open.remove(&id) else {
            return;
        };
        let answers = self.script.answers.get_mut(&key);
        if let Some(answer) = answers.and_then(|answers| answers.get_mut(place)) {
            answer.latency = at.saturating_sub(asked);
            answer.steps_until_reply = self.script.steps.len();
            answer.outcome = Some(outcome.clone());
            answer.encoding = encoding;
        }
    }

    fn step(
        &mut self,
        at: Duration,
        name: &str,
        arguments: &[Value],
        call: Option<(u64, bool)>,
        encoding: Encoding,
    ) {
        if is_of_program(name) {
            return;
        }
        self.moment += 1;
        let requests = std::mem::take(&mut self.requests).into_iter();
        let made = |key: RequestKey| {
            let made = self.made.get(&key).copied().unwrap_or_default();
            (key, made)
        };
        self.script.steps.push(SentFrame {
            name: name.to_owned(),
            arguments: arguments.to_vec(),
            call: call.map(|(id, _)| id),
            optional: call.is_none_or(|(_, optional)| optional),
            encoding,
            delay: at.saturating_sub(self.last),
            requests: requests.map(made).collect(),
            replies: std::mem::take(&mut self.replies),
            moment: self.moment,
        });
        self.last = at;
    }

    fn finish(mut self) -> Script {
        for answers in self.script.answers.values_mut() {
            answers.retain(|answer| !is_refusal(answer));
        }
        self.script.answers.retain(|_, answers| !answers.is_empty());
        self.script
    }
}

/// Returns whether the call failed because the client was not trusted yet. Such an answer is left out, because the
/// clients of a replay are trusted when they call.
fn is_refusal(answer: &ScriptedAnswer) -> bool {
    match &answer.outcome {
        Some(RecordedReply::Failed(error)) => {
            error.message.ends_with("the caller is not authorized.")
        }
        _ => false,
    }
}

/// Returns whether the function of this name reads a shared state or subscribes to one.
pub(super) fn reads_state(name: &str) -> bool {
    name == GetState::NAME || name == SubscribeState::NAME
}

//! The replay of one session: stands between the program and a client, and answers from the recording.

use std::collections::{HashMap, HashSet, VecDeque};
#[cfg(feature = "server")]
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::function::RpcFunction as _;
use crate::peer::{AccessCell, ConnectionAccess, Frame, Interposer};
use crate::protocol::is_built_in;
use crate::protocol::state::{PatchState, SetState, StatePatched, StateUpdated};
use crate::protocol::streaming::UploadRoom;
use crate::recording::entry::RecordedReply;
use crate::recording::key::RequestKey;
use crate::recording::not_recorded::not_recorded;
use crate::recording::notation::object;
use crate::recording::pace::ReplayOptions;
use crate::recording::script::{
    Script, ScriptedAnswer, Scripts, SentFrame, channel_of, is_of_program, reads_state, state_of,
    sync_id_of,
};
use crate::wire::js::Value;
use crate::wire::{
    self, Encoding, Envelope, FrameText, RemoteErrorText, Request, RequestId, coded_message,
};

/// The beginning of the ids of calls that the replay makes. The ids of the program's own calls are numbers.
const CALL: &str = "replay-";

/// The number of replies that wait at once. Further ones are sent without their delay.
const MOST_DELAYED: usize = 1024;

/// The longest delay, in place of one that is too long for a clock.
const FOREVER: Duration = Duration::from_secs(1 << 32);

/// The room that uploads get: as much as they need.
const UPLOAD_ITEMS: f64 = 1024.0;
const UPLOAD_BYTES: f64 = 8_388_608.0;

/// The replay of one session.
pub(super) struct SessionReplay {
    scripts: Arc<Scripts>,
    script: Arc<Script>,
    options: ReplayOptions,
    access: Arc<AccessCell>,
    /// The number of answers that were given for each recorded request.
    given: HashMap<RequestKey, usize>,
    /// The number of times that each recorded request has come.
    come: HashMap<RequestKey, usize>,
    /// The recorded requests that have come since the last step.
    come_since: HashSet<RequestKey>,
    /// The calls of the recording's server that this client has answered.
    answered: HashSet<u64>,
    moment: usize,
    next_step: usize,
    last_step: Instant,
    /// Since when everything has come that the next step waits for.
    complete: Option<Instant>,
    /// The ids that this client gave to the changes of the recording.
    sync_ids: HashMap<String, String>,
    delayed: Vec<Delayed>,
    ready: VecDeque<Frame>,
}

/// A reply that is not sent yet.
struct Delayed {
    due: Instant,
    /// The steps that are sent before it, unless they do not come in time.
    steps_before: usize,
    give_up: Instant,
    frame: Frame,
}

impl SessionReplay {
    pub(super) fn new(
        scripts: Arc<Scripts>,
        script: Arc<Script>,
        options: ReplayOptions,
        access: Arc<AccessCell>,
    ) -> Self {
        Self {
            scripts,
            script,
            options,
            access,
            given: HashMap::new(),
            come: HashMap::new(),
            come_since: HashSet::new(),
            answered: HashSet::new(),
            moment: 0,
            next_step: 0,
            last_step: Instant::now(),
            complete: None,
            sync_ids: HashMap::new(),
            delayed: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// Answers the one request of a client without a connection, as [`Interpose::single`](crate::peer::Interpose::single) says.
    #[cfg(feature = "server")]
    pub(super) fn answer(
        &mut self,
        request: Frame,
        now: Instant,
    ) -> ControlFlow<Option<(Frame, Instant)>> {
        if self.read(request, now).is_some() {
            return ControlFlow::Continue(());
        }
        // Nothing else waits here: each reply is taken at once.
        let delayed = self.delayed.pop();
        let delayed = delayed.map(|reply| (reply.frame, reply.due));
        ControlFlow::Break(self.ready.pop_front().map(|frame| (frame, now)).or(delayed))
    }

    fn is_trusted(&self) -> bool {
        self.access.get() == ConnectionAccess::Open
    }

    /// Handles a request. Returns `false` if the program is to answer it.
    fn take(&mut self, request: Request<'_>, now: Instant) -> bool {
        let name = &*request.method;
        if is_of_program(name) {
            return false;
        }
        request.arguments.trust();
        let arguments: Vec<Value> = if request.arguments.is_nothing() {
            Vec::new()
        } else {
            match request.arguments.read() {
                Ok(arguments) => arguments,
                // The program says what is wrong with them.
                Err(_) => return false,
            }
        };
        let key = RequestKey::new(name, &arguments, &self.scripts.left_out);
        let script = Arc::clone(&self.script);
        if let Some(answers) = script.answers.get(&key) {
            let place = self.choose(&key, answers);
            if let Some(answer) = answers.get(place) {
                self.note(key, place, answer, sync_id_of(name, &arguments));
                self.reply(name, request.id, answer, self.steps_of(answer), now);
                return true;
            }
        }
        let scripts = Arc::clone(&self.scripts);
        if let Some(answers) = scripts.answers.get(&key) {
            let place = self.in_order(&key, answers);
            if let Some(answer) = answers.get(place) {
                self.given.insert(key, place + 1);
                self.reply(name, request.id, answer, 0, now);
                return true;
            }
        }
        self.take_unrecorded(name, &arguments, request.optional, request.id)
    }

    /// Chooses among the answers of this session: the one of this moment.
    ///
    /// Actions are answered in order, and then as the last time. So are queries within one moment. A query that was not made in this moment, or not so
    /// often, gets the last answer before it, and if there is none, the first one after it.
    fn choose(&self, key: &RequestKey, answers: &[ScriptedAnswer]) -> usize {
        let is_action = |answer: &ScriptedAnswer| answer.next_moment.is_some();
        if answers.first().is_some_and(is_action) {
            return self.in_order(key, answers);
        }
        // The answers are in the order of their moments.
        let begin = answers.partition_point(|answer| answer.moment < self.moment);
        let end = answers.partition_point(|answer| answer.moment <= self.moment);
        let given = self.given.get(key).copied().unwrap_or_default();
        if given.max(begin) < end {
            given.max(begin)
        } else {
            end.saturating_sub(1)
        }
    }

    /// Returns the number of steps that are sent before the reply: those that were recorded between the request and the reply, unless this client is not
    /// as far as that.
    fn steps_of(&self, answer: &ScriptedAnswer) -> usize {
        if self.next_step < answer.steps_until_request {
            0
        } else {
            answer.steps_until_reply
        }
    }

    fn in_order(&self, key: &RequestKey, answers: &[ScriptedAnswer]) -> usize {
        let given = self.given.get(key).copied().unwrap_or_default();
        given.min(answers.len().saturating_sub(1))
    }

    /// Notes that a recorded request has come, and which of its answers it gets.
    fn note(
        &mut self,
        key: RequestKey,
        place: usize,
        answer: &ScriptedAnswer,
        sync_id: Option<&str>,
    ) {
        self.given.insert(key.clone(), place + 1);
        if let Some(moment) = answer.next_moment {
            self.moment = self.moment.max(moment);
        }
        if let (Some(recorded), Some(own)) = (&answer.sync_id, sync_id) {
            self.sync_ids.insert(recorded.clone(), own.to_owned());
        }
        *self.come.entry(key.clone()).or_default() += 1;
        self.come_since.insert(key);
    }

    fn reply(
        &mut self,
        name: &str,
        id: Option<RequestId>,
        answer: &ScriptedAnswer,
        steps_before: usize,
        now: Instant,
    ) {
        let Some(id) = id else { return };
        let frame = match &answer.outcome {
            Some(outcome) => reply_frame(&id, name, outcome, answer.encoding),
            None => failure_frame(
                &id,
                &format!("the call of `{name}` had no reply when the recording ended"),
            ),
        };
        let Some(frame) = frame else { return };
        if self.delayed.len() >= MOST_DELAYED {
            self.ready.push_back(frame);
            return;
        }
        let due = after(now, self.options.scaled(answer.latency));
        self.delayed.push(Delayed {
            due,
            steps_before,
            give_up: after(due, self.options.patience),
            frame,
        });
    }

    /// Handles a request that is not in the recording. Returns `false` if the program is to answer it.
    fn take_unrecorded(
        &mut self,
        name: &str,
        arguments: &[Value],
        optional: bool,
        id: Option<RequestId>,
    ) -> bool {
        let channel = channel_of(name, arguments);
        if channel.is_some_and(|channel| self.script.channels.contains(channel)) {
            if let (Some(id), true) = (id, name == UploadRoom::NAME) {
                let room = [
                    ("open", Value::Bool(true)),
                    ("items", Value::Number(UPLOAD_ITEMS)),
                    ("bytes", Value::Number(UPLOAD_BYTES)),
                ];
                let reply = wire::success(Encoding::StructuredClone, &id, Some(&object(room)));
                self.send(reply);
            }
            return true;
        }
        if let Some(state) = state_of(name, arguments) {
            if !self.script.states.contains(state) || reads_state(name) {
                return false;
            }
            self.confirm_change(name, arguments, id);
            return true;
        }
        if is_built_in(name) {
            return false;
        }
        tracing::debug!(function = name, "a call is not in the recording");
        if let Some(id) = id {
            let recorded = self.scripts.arguments.get(name);
            if optional && recorded.is_none() {
                self.send(wire::success::<()>(Encoding::Json, &id, None));
            } else {
                let message = not_recorded(name, arguments, &self.scripts.arguments);
                let frame =
                    failure_frame(&id, &coded_message::join(&message, "not-recorded", None));
                self.ready.extend(frame);
            }
        }
        true
    }

    /// Confirms a change of a shared state that was not recorded, as a server does that accepts it.
    fn confirm_change(&mut self, name: &str, arguments: &[Value], id: Option<RequestId>) {
        let own = sync_id_of(name, arguments);
        // A client sends back each change that it has received.
        let is_echo = own.is_some_and(|own| {
            self.sync_ids.values().any(|it| it == own)
                || self.script.steps[..self.next_step]
                    .iter()
                    .any(|step| step.arguments.get(2).and_then(Value::as_str) == Some(own))
        });
        if !is_echo && own.is_some() {
            let event = if name == SetState::<Value>::NAME {
                Some(StateUpdated::<Value>::NAME)
            } else if name == PatchState::NAME {
                Some(StatePatched::NAME)
            } else {
                None
            };
            if let Some(event) = event {
                let arguments = &arguments[..arguments.len().min(3)];
                let event = wire::request(Encoding::StructuredClone, event, &arguments, true, None);
                self.send(event);
            }
        }
        if let Some(id) = id {
            let done = wire::success::<()>(Encoding::StructuredClone, &id, None);
            self.send(done);
        }
    }

    /// Queues a frame for the client. Logs a warning if it could not be written.
    fn send(&mut self, written: Result<String, wire::ValueWriteError>) {
        match written {
            Ok(text) => self.ready.push_back(Frame::from(text)),
            Err(error) => tracing::warn!(%error, "a recorded frame could not be written"),
        }
    }

    /// Notes the time at which the last condition of the next step was met.
    fn check_step(&mut self, now: Instant) {
        let Some(step) = self.script.steps.get(self.next_step) else {
            return;
        };
        let has_come = |(key, times): &(RequestKey, usize)| {
            let come = self.come.get(key).copied().unwrap_or_default();
            self.come_since.contains(key) || come >= *times
        };
        let is_complete = step.requests.iter().all(has_come)
            && step.replies.iter().all(|id| self.answered.contains(id));
        if self.complete.is_none() && is_complete {
            self.complete = Some(now);
        }
    }

    fn step_due(&self) -> Option<Instant> {
        let step = self.script.steps.get(self.next_step)?;
        let delay = self.options.scaled(step.delay);
        Some(match self.complete {
            Some(complete) => after(complete, delay),
            None => after(after(self.last_step, delay), self.options.patience),
        })
    }

    /// Returns the index of the next reply that is sent, and when.
    fn next_reply(&self) -> Option<(usize, Instant)> {
        let due = |reply: &Delayed| {
            if reply.steps_before <= self.next_step {
                reply.due
            } else {
                reply.give_up
            }
        };
        let replies = self.delayed.iter().map(due).enumerate();
        replies.min_by_key(|(_, due)| *due)
    }

    fn step_frame(&self, step: &SentFrame) -> Result<String, wire::ValueWriteError> {
        let mut arguments = step.arguments.clone();
        let is_change = step.name == StateUpdated::<Value>::NAME || step.name == StatePatched::NAME;
        if let (true, Some(Value::String(id))) = (is_change, arguments.get_mut(2)) {
            if let Some(own) = self.sync_ids.get(id) {
                id.clone_from(own);
            }
        }
        let id = step
            .call
            .and_then(|id| RequestId::from_text(&format!("{CALL}{id}")));
        wire::request(
            step.encoding,
            &step.name,
            &arguments,
            step.optional,
            id.as_ref(),
        )
    }
}

impl Interposer for SessionReplay {
    fn read(&mut self, frame: Frame, now: Instant) -> Option<Frame> {
        if !self.is_trusted() {
            return Some(frame);
        }
        let is_taken = {
            let text = FrameText::open(frame.as_str());
            match text.as_ref().map(FrameText::envelope) {
                Ok(Ok(Envelope::Request(request))) => self.take(request, now),
                Ok(Ok(Envelope::Response(response))) => {
                    let id = response.id.map(|id| id.to_string()).unwrap_or_default();
                    match id.strip_prefix(CALL).map(str::parse) {
                        Some(Ok(id)) => {
                            self.answered.insert(id);
                            true
                        }
                        _ => false,
                    }
                }
                _ => false,
            }
        };
        self.check_step(now);
        (!is_taken).then_some(frame)
    }

    fn admits(&mut self, frame: &Frame) -> bool {
        // Only the recording speaks for the program. The protocol's own functions go on.
        let text = FrameText::open(frame.as_str());
        match text.as_ref().map(FrameText::envelope) {
            Ok(Ok(Envelope::Request(request))) => is_built_in(&request.method),
            _ => true,
        }
    }

    fn next(&mut self, now: Instant) -> Option<Frame> {
        if let Some(frame) = self.ready.pop_front() {
            return Some(frame);
        }
        if !self.is_trusted() {
            return None;
        }
        loop {
            // A reply that may be sent now was recorded before the next step.
            if let Some((index, due)) = self.next_reply() {
                if due <= now {
                    return Some(self.delayed.remove(index).frame);
                }
            }
            self.check_step(now);
            if self.step_due().is_none_or(|due| due > now) {
                return None;
            }
            let script = Arc::clone(&self.script);
            let step = script.steps.get(self.next_step)?;
            let frame = self.step_frame(step);
            self.next_step += 1;
            self.moment = self.moment.max(step.moment);
            self.last_step = now;
            self.complete = None;
            self.come_since.clear();
            match frame {
                Ok(frame) => return Some(Frame::from(frame)),
                Err(error) => tracing::warn!(%error, "a recorded frame could not be written"),
            }
        }
    }

    fn due(&self) -> Option<Instant> {
        if !self.ready.is_empty() {
            return Some(Instant::now());
        }
        if !self.is_trusted() {
            return None;
        }
        let reply = self.next_reply().map(|(_, due)| due);
        reply.into_iter().chain(self.step_due()).min()
    }
}

/// Returns the moment that is `duration` after `now`.
fn after(now: Instant, duration: Duration) -> Instant {
    now + duration.min(FOREVER)
}

fn reply_frame(
    id: &RequestId,
    name: &str,
    outcome: &RecordedReply,
    encoding: Encoding,
) -> Option<Frame> {
    let written = match outcome {
        RecordedReply::Returned(Value::Undefined) => wire::success::<()>(encoding, id, None),
        RecordedReply::Returned(value) => wire::success(encoding, id, Some(value)),
        RecordedReply::Failed(error) => {
            let message = match &error.code {
                Some(code) => {
                    let data = error.data.as_ref().map(serde_json::to_value);
                    let data = data.and_then(Result::ok);
                    coded_message::join(&error.message, code, data.as_ref())
                }
                None => coded_message::uncoded(&error.message).into_owned(),
            };
            let (name, message) = (&*error.name, &*message);
            wire::failure(id, RemoteErrorText { name, message })
        }
        // A server of this crate throws errors only.
        RecordedReply::Thrown(value) => return failure_frame(id, &format!("{value:?}")),
        RecordedReply::LeftOut => {
            let message = format!(
                "the result of `{name}` was left out of the recording, because it holds a secret"
            );
            return failure_frame(id, &message);
        }
    };
    match written {
        Ok(text) => Some(Frame::from(text)),
        Err(error) => failure_frame(
            id,
            &format!("the recorded result of `{name}` could not be written: {error}"),
        ),
    }
}

fn failure_frame(id: &RequestId, message: &str) -> Option<Frame> {
    let name = "Error";
    // Two texts and an id can always be written.
    let written = wire::failure(id, RemoteErrorText { name, message }).ok()?;
    Some(Frame::from(written))
}

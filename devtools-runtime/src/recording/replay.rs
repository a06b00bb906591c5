//! The replay of one session: stands between the program and a client, and answers from the recording.

use std::collections::VecDeque;
#[cfg(feature = "server")]
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::time::Instant;

use crate::function::RpcFunction as _;
use crate::peer::{AccessCell, ConnectionAccess, Frame, Interposer};
use crate::protocol::is_built_in;
use crate::protocol::state::{PatchState, SetState, StatePatched, StateUpdated};
use crate::protocol::streaming::UploadRoom;
use crate::recording::choice::Choice;
use crate::recording::key::RequestKey;
use crate::recording::not_recorded::not_recorded;
use crate::recording::notation::object;
use crate::recording::pace::{ReplayOptions, after};
use crate::recording::replies::{failure_frame, reply_frame};
use crate::recording::script::{
    Script, ScriptedAnswer, Scripts, channel_of, is_of_program, reads_state, state_of, sync_id_of,
};
use crate::recording::steps::Steps;
use crate::wire::js::Value;
use crate::wire::{self, Encoding, Envelope, FrameText, Request, RequestId, coded_message};

/// The number of replies that wait at once. Further ones are sent without their delay.
const MOST_DELAYED: usize = 1024;

/// The room that a replay grants to an upload, each time that the client asks.
const UPLOAD_ITEMS: f64 = 1024.0;
const UPLOAD_BYTES: f64 = 8_388_608.0;

/// The replay of one session.
pub(super) struct SessionReplay {
    scripts: Arc<Scripts>,
    script: Arc<Script>,
    options: ReplayOptions,
    access: Arc<AccessCell>,
    choice: Choice,
    steps: Steps,
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
            steps: Steps::new(Arc::clone(&script), options),
            script,
            options,
            access,
            choice: Choice::default(),
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
        // A single request has no other replies that wait, because each reply is taken at once.
        let delayed = self.delayed.pop();
        let delayed = delayed.map(|reply| (reply.frame, reply.due));
        ControlFlow::Break(self.ready.pop_front().map(|frame| (frame, now)).or(delayed))
    }

    fn is_trusted(&self) -> bool {
        self.access.get() == ConnectionAccess::Open
    }

    /// Handles a request. Returns `false` if the program must answer it.
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
                // The program reports the mistake in the arguments.
                Err(_) => return false,
            }
        };
        let key = RequestKey::new(name, &arguments, &self.scripts.left_out);
        let script = Arc::clone(&self.script);
        if let Some(answers) = script.answers.get(&key) {
            let place = self.choice.choose(&key, answers);
            if let Some(answer) = answers.get(place) {
                self.choice.note(key.clone(), place, answer);
                self.steps.note(key, answer, sync_id_of(name, &arguments));
                self.reply(name, request.id, answer, self.steps_of(answer), now);
                return true;
            }
        }
        let scripts = Arc::clone(&self.scripts);
        if let Some(answers) = scripts.answers.get(&key) {
            let place = self.choice.in_order(&key, answers);
            if let Some(answer) = answers.get(place) {
                self.choice.note_given(key, place);
                self.reply(name, request.id, answer, 0, now);
                return true;
            }
        }
        self.take_unrecorded(name, &arguments, request.optional, request.id)
    }

    /// Returns the number of steps that must be sent before the reply, as in the recording. It is 0 if the client
    /// makes the request earlier than in the recording.
    fn steps_of(&self, answer: &ScriptedAnswer) -> usize {
        if self.steps.sent() < answer.steps_until_request {
            0
        } else {
            answer.steps_until_reply
        }
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

    /// Handles a request that is not in the recording. Returns `false` if the program must answer it.
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

    /// Confirms a change of a shared state that was not recorded, as a server does when it accepts a change.
    fn confirm_change(&mut self, name: &str, arguments: &[Value], id: Option<RequestId>) {
        let own = sync_id_of(name, arguments);
        // A client sends back each change that it has received.
        let is_echo = own.is_some_and(|own| self.steps.have_change(own));
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

    /// Returns the index of the next reply, and the time at which it is sent.
    fn next_reply(&self) -> Option<(usize, Instant)> {
        let due = |reply: &Delayed| {
            if reply.steps_before <= self.steps.sent() {
                reply.due
            } else {
                reply.give_up
            }
        };
        let replies = self.delayed.iter().map(due).enumerate();
        replies.min_by_key(|(_, due)| *due)
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
                    self.steps.note_reply(&id)
                }
                _ => false,
            }
        };
        self.steps.check(now);
        (!is_taken).then_some(frame)
    }

    fn admits(&mut self, frame: &Frame) -> bool {
        // Events and calls of the program are dropped, because the recording takes its place. Those of the protocol
        // pass.
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
            self.steps.check(now);
            if self.steps.due().is_none_or(|due| due > now) {
                return None;
            }
            let (moment, frame) = self.steps.take_next(now)?;
            self.choice.begin(moment);
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
        reply.into_iter().chain(self.steps.due()).min()
    }
}

//! The frames that the recorded server sent by itself, the times at which they are sent again, and the requests that
//! they wait for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::Instant;

use crate::function::RpcFunction as _;
use crate::protocol::state::{StatePatched, StateUpdated};
use crate::recording::key::RequestKey;
use crate::recording::pace::{ReplayOptions, after};
use crate::recording::script::{Script, ScriptedAnswer, SentFrame};
use crate::wire::js::Value;
use crate::wire::{self, RequestId};

/// The beginning of the ids of calls that the replay makes. The ids of the program's own calls are numbers.
const CALL: &str = "replay-";

/// The steps of a session, and how far it has come.
pub(super) struct Steps {
    script: Arc<Script>,
    options: ReplayOptions,
    /// The number of times that each recorded request has come.
    come: HashMap<RequestKey, usize>,
    /// The recorded requests that have come since the last step.
    come_since: HashSet<RequestKey>,
    /// The calls of the recording's server that this client has answered.
    answered: HashSet<u64>,
    /// The index of the next step.
    next: usize,
    /// The time of the last step.
    last: Instant,
    /// The time at which the last condition of the next step was met. `None` while a condition is not met.
    complete: Option<Instant>,
    /// The ids that this client gave to the changes of the recording.
    sync_ids: HashMap<String, String>,
}

impl Steps {
    pub(super) fn new(script: Arc<Script>, options: ReplayOptions) -> Self {
        Self {
            script,
            options,
            come: HashMap::new(),
            come_since: HashSet::new(),
            answered: HashSet::new(),
            next: 0,
            last: Instant::now(),
            complete: None,
            sync_ids: HashMap::new(),
        }
    }

    /// Returns the number of steps that were sent.
    pub(super) fn sent(&self) -> usize {
        self.next
    }

    /// Notes that a recorded request has come. `sync_id` is the id that the client gives to the change, if it is one.
    pub(super) fn note(&mut self, key: RequestKey, answer: &ScriptedAnswer, sync_id: Option<&str>) {
        if let (Some(recorded), Some(own)) = (&answer.sync_id, sync_id) {
            self.sync_ids.insert(recorded.clone(), own.to_owned());
        }
        *self.come.entry(key.clone()).or_default() += 1;
        self.come_since.insert(key);
    }

    /// Notes the reply of the client with this id. Returns `false` if it does not answer a step.
    pub(super) fn note_reply(&mut self, id: &str) -> bool {
        match id.strip_prefix(CALL).map(str::parse) {
            Some(Ok(id)) => {
                self.answered.insert(id);
                true
            }
            _ => false,
        }
    }

    /// Returns whether the change with this id is a recorded change of this client, or was sent in a step.
    pub(super) fn have_change(&self, sync_id: &str) -> bool {
        self.sync_ids.values().any(|it| it == sync_id)
            || self.script.steps[..self.next]
                .iter()
                .any(|step| step.arguments.get(2).and_then(Value::as_str) == Some(sync_id))
    }

    /// Notes the time at which the last condition of the next step was met.
    pub(super) fn check(&mut self, now: Instant) {
        let Some(step) = self.script.steps.get(self.next) else {
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

    /// Returns the time at which the next step is sent.
    pub(super) fn due(&self) -> Option<Instant> {
        let step = self.script.steps.get(self.next)?;
        let delay = self.options.scaled(step.delay);
        Some(match self.complete {
            Some(complete) => after(complete, delay),
            None => after(after(self.last, delay), self.options.patience),
        })
    }

    /// Takes the next step, and returns the moment that begins with it and its frame.
    pub(super) fn take_next(
        &mut self,
        now: Instant,
    ) -> Option<(usize, Result<String, wire::ValueWriteError>)> {
        let step = self.script.steps.get(self.next)?;
        let next = (step.moment, self.frame(step));
        self.next += 1;
        self.last = now;
        self.complete = None;
        self.come_since.clear();
        Some(next)
    }

    fn frame(&self, step: &SentFrame) -> Result<String, wire::ValueWriteError> {
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

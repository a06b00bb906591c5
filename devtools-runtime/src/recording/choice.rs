//! The choice among the recorded answers to a request.

use std::collections::HashMap;

use crate::recording::key::RequestKey;
use crate::recording::script::ScriptedAnswer;

/// The answers that a session has had. They decide which answers come next.
#[derive(Default)]
pub(super) struct Choice {
    /// The number of answers that were given for each recorded request.
    given: HashMap<RequestKey, usize>,
    /// The moment that the session has come to.
    moment: usize,
}

impl Choice {
    /// Returns the position of an answer among the recorded `answers` of this session.
    ///
    /// Actions get their answers in the recorded order, and then the last one again. A query gets the answers of the
    /// current moment in the same way. If the query was not recorded in this moment, it gets the last answer before
    /// the moment, or else the first one after it.
    pub(super) fn choose(&self, key: &RequestKey, answers: &[ScriptedAnswer]) -> usize {
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

    /// Returns the position of the next answer, or of the last one if all were given.
    pub(super) fn in_order(&self, key: &RequestKey, answers: &[ScriptedAnswer]) -> usize {
        let given = self.given.get(key).copied().unwrap_or_default();
        given.min(answers.len().saturating_sub(1))
    }

    /// Notes that a request of this session gets `answer`, which is at `place` among its answers.
    pub(super) fn note(&mut self, key: RequestKey, place: usize, answer: &ScriptedAnswer) {
        self.note_given(key, place);
        if let Some(moment) = answer.next_moment {
            self.begin(moment);
        }
    }

    /// Notes that a request gets the answer at this place.
    pub(super) fn note_given(&mut self, key: RequestKey, place: usize) {
        self.given.insert(key, place + 1);
    }

    /// Begins a moment, unless a later one has begun.
    pub(super) fn begin(&mut self, moment: usize) {
        self.moment = self.moment.max(moment);
    }
}

//! The parts of arguments that a recording leaves out, so that calls with and without them can be compared.

use std::collections::{BTreeSet, HashMap};

use crate::recording::entry::{LineContent, RecordedMessage, Sender};
use crate::recording::recording::Recording;
use crate::recording::redact::{REDACTED, Redaction};
use crate::wire::js::Value;

/// The fields and the parameters that were left out of a recording.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    redaction: Redaction,
    /// The positions of the arguments that were left out of every call, by the name of the function. The recording
    /// does not have the names of parameters.
    parameters: HashMap<String, BTreeSet<usize>>,
}

impl LeftOut {
    pub(super) fn of(recording: &Recording) -> Self {
        let mut parameters: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for entry in &recording.entries {
            let LineContent::Frame(frame) = &entry.content else {
                continue;
            };
            let (name, arguments) = match &frame.message {
                RecordedMessage::Call {
                    name,
                    arguments: Some(arguments),
                    ..
                }
                | RecordedMessage::Event {
                    name,
                    arguments: Some(arguments),
                } if frame.from == Sender::Client => (name, arguments),
                _ => continue,
            };
            let is_left_out = |index: &usize| {
                let argument = arguments.get(*index);
                argument.is_some_and(|it| it.as_str() == Some(REDACTED))
            };
            if let Some(known) = parameters.get_mut(name) {
                known.retain(is_left_out);
            } else {
                let left_out = (0..arguments.len()).filter(is_left_out).collect();
                parameters.insert(name.clone(), left_out);
            }
        }
        parameters.retain(|_, left_out| !left_out.is_empty());
        Self {
            redaction: Redaction::new(recording.redacted().iter().cloned().collect()),
            parameters,
        }
    }

    /// Removes the parts of a call's arguments that the recording leaves out.
    pub(super) fn apply(&self, name: &str, arguments: &mut [Value]) {
        let left_out = self.parameters.get(name);
        let is_left_out = |index| left_out.is_some_and(|it| it.contains(&index));
        self.redaction
            .apply_to_arguments(name, arguments, is_left_out);
    }
}

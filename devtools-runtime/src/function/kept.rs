//! What a dump keeps of a call: its arguments, and what came of it ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)).

use std::sync::OnceLock;

use serde::Serialize;

use crate::function::thrown::Thrown;
use crate::wire::{self, Encoding, Ended, Inputs, WriteError};

/// A call whose outcome a dump keeps. It is written where the types are known, as replies are.
#[derive(Debug)]
pub(crate) struct KeptCall {
    encoding: Encoding,
    /// `None` for a static function.
    inputs: Option<Inputs>,
    failure: OnceLock<String>,
}

impl KeptCall {
    pub(crate) fn new(encoding: Encoding, inputs: Option<Inputs>) -> Self {
        Self {
            encoding,
            inputs,
            failure: OnceLock::new(),
        }
    }

    /// What the call failed with, if it has failed.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Tells whoever builds the dump why the call failed, where the dump itself is not to say it.
    pub(super) fn report(&self, failure: Option<&str>) {
        if let Some(failure) = failure {
            // A call fails once.
            let _ = self.failure.set(failure.to_owned());
        }
    }

    /// What is kept of a call that returned `output`.
    pub(super) fn output<T: Serialize>(&self, output: &T) -> Result<String, WriteError> {
        wire::record(self.encoding, self.inputs.as_ref(), Ended::Output(output))
    }

    /// What is kept of a call that failed.
    pub(super) fn error(&self, thrown: &Thrown<'_>) -> Option<String> {
        // A call fails once.
        let _ = self.failure.set(thrown.message.clone().into_owned());
        wire::record(self.encoding, self.inputs.as_ref(), Ended::Error(thrown)).ok()
    }
}

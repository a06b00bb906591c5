//! The failure of a call whose reply is recorded.

use std::sync::OnceLock;

use crate::function::error::RemoteError;

/// The failure of a call whose reply the program keeps, instead of sending it to a caller.
#[derive(Debug, Default)]
pub(crate) struct RecordedFailure {
    error: OnceLock<RemoteError>,
    panic: OnceLock<String>,
}

impl RecordedFailure {
    /// Returns the error that ended the call, with its causes.
    pub(crate) fn error(&self) -> Option<&RemoteError> {
        self.error.get()
    }

    /// Returns the message of the panic that ended the call. The error does not contain it.
    pub(crate) fn panic(&self) -> Option<&str> {
        self.panic.get().map(String::as_str)
    }

    pub(super) fn fail(&self, error: RemoteError) {
        // A call fails once.
        let _ = self.error.set(error);
    }

    pub(super) fn note_panic(&self, message: &str) {
        let _ = self.panic.set(message.to_owned());
    }
}

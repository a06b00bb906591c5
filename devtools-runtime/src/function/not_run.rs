//! Why a call ended without the function's own result.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::function::call::panic_message;
use crate::function::{BoxError, CallError, MissingState, Outcome, ReplyTo};

/// Why a call ended without the function's own result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRun {
    /// The function takes state that nobody put in.
    #[error(transparent)]
    MissingState(MissingState),
    /// The function's setup failed: all calls that waited for it have the same error.
    #[error("{0}")]
    Setup(Arc<dyn Error + Send + Sync>),
    /// The function did not end within its own `timeout`.
    #[error("the function did not end within {0:?}")]
    TimedOut(Duration),
    /// The runtime that was to run it is being shut down.
    #[error("the program is being shut down")]
    Stopped,
}

impl NotRun {
    pub(crate) fn setup(error: impl Into<BoxError>) -> Self {
        Self::Setup(Arc::from(error.into()))
    }

    /// What came of a setup that panicked.
    pub(crate) fn setup_panicked(payload: &(dyn Any + Send)) -> Self {
        let message = panic_message(payload).unwrap_or("the setup panicked");
        Self::setup(Panicked(message.to_owned()))
    }

    /// The reply of a call that ended like this.
    pub(crate) fn reply(&self, function: &str, reply: &ReplyTo) -> Outcome {
        match self {
            Self::MissingState(missing) => reply.error(missing),
            Self::Setup(error) => reply.error(&**error),
            Self::TimedOut(after) => {
                reply.failure(&format!("\"{function}\" did not end within {after:?}"))
            }
            Self::Stopped => reply.failure(&self.to_string()),
        }
    }

    /// The error of a call within the process.
    pub(crate) fn into_call_error<E>(self) -> CallError<E> {
        match self {
            Self::MissingState(missing) => CallError::MissingState(missing),
            Self::Setup(error) => CallError::Setup(error),
            Self::TimedOut(after) => CallError::Timeout(after),
            Self::Stopped => CallError::Disconnected,
        }
    }
}

impl From<MissingState> for NotRun {
    fn from(missing: MissingState) -> Self {
        Self::MissingState(missing)
    }
}

/// The message of a panic.
#[derive(Debug)]
struct Panicked(String);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Panicked {}

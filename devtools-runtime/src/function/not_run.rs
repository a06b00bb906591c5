//! The reasons why a function did not run.

use std::any::Any;
use std::error::Error;
use std::sync::Arc;

use crate::function::error::{BoxError, CallError, Delivery, MissingState};
use crate::function::failed_call::{FailedCall, WithCauses};
use crate::function::reply::{ReplyText, ReplyTo};
use crate::function::returned::public_text;

/// The reason why a function did not run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRun {
    /// The function takes state that the context does not have.
    #[error(transparent)]
    MissingState(MissingState),
    /// The setup of the function failed. All calls that waited for it get the same error.
    #[error(transparent)]
    Setup(FailedSetup),
    /// The runtime is being shut down.
    #[error("the program is being shut down")]
    Stopped,
}

/// The error of a setup, for its author and for the callers of the function.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", told.as_deref().unwrap_or("the setup failed"))]
pub struct FailedSetup {
    error: Arc<dyn Error + Send + Sync>,
    /// The message for remote callers. `None` if they may not read the text and the error was not logged yet.
    told: Option<Arc<str>>,
}

impl NotRun {
    /// Returns the error of a setup. Callers may read it if it is only a text.
    pub(crate) fn setup(error: impl Into<BoxError> + 'static) -> Self {
        let told = public_text(&error).map(Arc::from);
        Self::Setup(FailedSetup {
            error: Arc::from(error.into()),
            told,
        })
    }

    /// Returns the error of a setup whose result is not allowed. Callers may read it.
    pub(crate) fn wrong_setup(error: impl Error + Send + Sync + 'static) -> Self {
        let told = Some(Arc::from(error.to_string()));
        Self::Setup(FailedSetup {
            error: Arc::new(error),
            told,
        })
    }

    /// Returns the error of a setup that panicked. The text of the panic goes to the log.
    pub(crate) fn setup_panicked(call: FailedCall<'_>, payload: &(dyn Any + Send)) -> Self {
        let told: Arc<str> = Arc::from(call.conceal_panic(payload));
        Self::Setup(FailedSetup {
            error: Arc::new(Panicked(Arc::clone(&told))),
            told: Some(told),
        })
    }

    /// Logs the error of a setup once, unless callers may read it.
    pub(crate) fn concealed(self, call: FailedCall<'_>) -> Self {
        match self {
            Self::Setup(FailedSetup { error, told: None }) => {
                let told = Some(Arc::from(call.conceal(&*error)));
                Self::Setup(FailedSetup { error, told })
            }
            settled => settled,
        }
    }

    /// Returns the error for the log of a build, with the whole text of a setup's error.
    pub(crate) fn into_build_error(self) -> BoxError {
        match self {
            Self::Setup(FailedSetup { error, .. }) => WithCauses(&*error).to_string().into(),
            other => other.into(),
        }
    }

    /// Writes the reply of a call that ended for this reason.
    pub(crate) fn reply(&self, reply: &ReplyTo) -> ReplyText {
        match self {
            Self::MissingState(missing) => reply.error(missing),
            Self::Setup(failed) => reply.failure(&failed.to_string()),
            Self::Stopped => reply.failure(&self.to_string()),
        }
    }

    /// Returns the error of a call within the process.
    pub(crate) fn into_call_error<E>(self) -> CallError<E> {
        match self {
            Self::MissingState(missing) => CallError::MissingState(missing),
            Self::Setup(failed) => CallError::Setup(failed.error),
            Self::Stopped => CallError::Disconnected(Delivery::NotSent),
        }
    }
}

impl From<MissingState> for NotRun {
    fn from(missing: MissingState) -> Self {
        Self::MissingState(missing)
    }
}

/// The error of a panic, with the message for callers.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Panicked(Arc<str>);

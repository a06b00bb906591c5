//! Why a call ended without the function's own result.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::function::error::{BoxError, CallError, Delivery, MissingState};
use crate::function::failed_call::{FailedCall, WithCauses};
use crate::function::reply::{Outcome, ReplyTo};
use crate::function::returned::public_text;

/// Why a call ended without the function's own result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRun {
    /// The function takes state that nobody put in.
    #[error(transparent)]
    MissingState(MissingState),
    /// The function's setup failed: all calls that waited for it have the same error.
    #[error(transparent)]
    Setup(FailedSetup),
    /// The runtime that was to run it is being shut down.
    #[error("the program is being shut down")]
    Stopped,
}

/// Why a setup failed, for those who wrote it, and for those who call the function.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", told.as_deref().unwrap_or("the setup failed"))]
pub struct FailedSetup {
    error: Arc<dyn Error + Send + Sync>,
    /// The message for remote callers; `None` until the error is logged, if they may not read its text.
    told: Option<Arc<str>>,
}

impl NotRun {
    /// A setup returned an error. Callers may read it if it is a text and nothing else.
    pub(crate) fn setup(error: impl Into<BoxError> + 'static) -> Self {
        let told = public_text(&error).map(Arc::from);
        Self::Setup(FailedSetup {
            error: Arc::from(error.into()),
            told,
        })
    }

    /// A setup is wrong in a way that has nothing to do with what it read.
    pub(crate) fn wrong_setup(error: impl Error + Send + Sync + 'static) -> Self {
        let told = Some(Arc::from(error.to_string()));
        Self::Setup(FailedSetup {
            error: Arc::new(error),
            told,
        })
    }

    /// A setup panicked. The text of the panic goes to the log.
    pub(crate) fn setup_panicked(call: FailedCall<'_>, payload: &(dyn Any + Send)) -> Self {
        let told: Arc<str> = Arc::from(call.conceal_panic(payload));
        Self::Setup(FailedSetup {
            error: Arc::new(Panicked(Arc::clone(&told))),
            told: Some(told),
        })
    }

    /// Logs the error of a setup, once for all who wait for it, unless they may read it.
    pub(crate) fn concealed(self, call: FailedCall<'_>) -> Self {
        match self {
            Self::Setup(FailedSetup { error, told: None }) => {
                let told = Some(Arc::from(call.conceal(&*error)));
                Self::Setup(FailedSetup { error, told })
            }
            settled => settled,
        }
    }

    /// The error for who builds a dump: of a setup, what it failed with.
    pub(crate) fn into_build_error(self) -> BoxError {
        match self {
            Self::Setup(FailedSetup { error, .. }) => WithCauses(&*error).to_string().into(),
            other => other.into(),
        }
    }

    /// The reply of a call that ended like this.
    pub(crate) fn reply(&self, reply: &ReplyTo) -> Outcome {
        match self {
            Self::MissingState(missing) => reply.error(missing),
            Self::Setup(failed) => reply.failure(&failed.to_string()),
            Self::Stopped => reply.failure(&self.to_string()),
        }
    }

    /// The error of a call within the process.
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

/// A panic, as its callers are told of it.
#[derive(Debug)]
struct Panicked(Arc<str>);

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Panicked {}

//! The error of a backplane.

use std::time::Duration;

use crate::function::BoxError;

/// The error of an operation of a [`Backplane`](crate::backplane::Backplane).
///
/// ```
/// use devtools_runtime::backplane::BackplaneError;
///
/// let error = BackplaneError::NoResponder("process.7f3a".to_owned());
/// assert!(error.to_string().contains("process.7f3a"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackplaneError {
    /// No process answers requests of this subject. The request was not carried out.
    #[error("no process answers `{0}`: it has ended, or it cannot be reached")]
    NoResponder(String),
    /// No answer came in time. The request may have been carried out.
    #[error("no answer of another process came within {0:?}")]
    Timeout(Duration),
    /// The bytes that wait to be sent have reached the limit. The message was not sent.
    #[error("{limit} bytes wait to be sent to other processes, which is the limit `{option}`")]
    Full {
        /// The limit in bytes.
        limit: usize,
        /// The name of the option.
        option: &'static str,
    },
    /// The message is larger than the engine accepts. It was not sent.
    #[error("a message of {size} bytes is larger than the {limit} bytes that {engine} accepts")]
    TooLarge {
        /// The size of the message in bytes.
        size: usize,
        /// The limit of the engine in bytes.
        limit: usize,
        /// The name of the engine.
        engine: &'static str,
    },
    /// The store or the log has reached its limit of bytes, or the engine has no room. The value or the entry was not stored.
    #[error("{engine} has no room: {limit}")]
    StoreFull {
        /// The name of the engine.
        engine: &'static str,
        /// The limit, as the engine names it.
        limit: String,
    },
    /// The process that was asked could not answer, for instance because its responder has panicked, or because the
    /// answer is too large. The request may have been carried out.
    #[error("the process that serves `{subject}` could not answer")]
    Unanswered {
        /// The subject of the request.
        subject: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The backplane was left or has ended, so nothing is sent any more.
    #[error("this process has left the backplane")]
    Left,
    /// A message of another process cannot be read. It may run another version of this crate.
    #[error("a message of another process cannot be read: do all processes run the same version?")]
    Unreadable(#[source] BoxError),
    /// The engine failed.
    #[error("could not {task}")]
    Engine {
        /// The task, such as `create the stream events`.
        task: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
}

impl BackplaneError {
    /// Makes the error of an engine that could not do `task`.
    pub fn engine(task: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self::Engine {
            task: task.into(),
            source: source.into(),
        }
    }
}

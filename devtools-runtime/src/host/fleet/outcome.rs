//! The outcome of one client's part in a broadcast call, as it travels between processes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::function::{CallError, Delivery};
use crate::host::fleet::session_info::ProcessSession;
use crate::peer::Reply;

/// The outcomes of all clients of a process. The frames of the replies follow each other in the body of the message.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ClientReplies(pub(crate) Vec<ClientReply>);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientReply {
    pub(crate) session: ProcessSession,
    pub(crate) result: Result<usize, Lost>,
}

/// The reason for which there is no reply.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Lost {
    Timeout {
        milliseconds: u64,
    },
    NotSent,
    MayHaveRun,
    TooLarge {
        size: usize,
        limit: Option<usize>,
    },
    Unauthorized,
    Congested,
    /// Another error, as text.
    Other(String),
}

impl Lost {
    pub(crate) fn new(error: &CallError) -> Self {
        match error {
            CallError::Timeout(time) => Self::Timeout {
                milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            },
            CallError::Disconnected(Delivery::NotSent) => Self::NotSent,
            CallError::Disconnected(Delivery::MayHaveRun) => Self::MayHaveRun,
            CallError::TooLarge { size, limit } => Self::TooLarge {
                size: *size,
                limit: *limit,
            },
            CallError::Unauthorized(_) => Self::Unauthorized,
            CallError::Congested => Self::Congested,
            other => Self::Other(other.to_string()),
        }
    }

    /// Returns the error of a call of `function`.
    pub(crate) fn into_error(self, function: &str) -> CallError {
        match self {
            Self::Timeout { milliseconds } => {
                CallError::Timeout(Duration::from_millis(milliseconds))
            }
            Self::NotSent => CallError::Disconnected(Delivery::NotSent),
            Self::MayHaveRun => CallError::Disconnected(Delivery::MayHaveRun),
            Self::TooLarge { size, limit } => CallError::TooLarge { size, limit },
            Self::Unauthorized => CallError::Unauthorized(function.to_owned()),
            Self::Congested => CallError::Congested,
            Self::Other(message) => CallError::Remote(crate::function::RemoteError::new(message)),
        }
    }
}

/// One client's part in a broadcast call.
pub(crate) type ClientResult = Result<Reply, CallError>;

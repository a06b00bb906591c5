//! The requests of one process to another.

use std::net::IpAddr;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::function::BoxError;
use crate::host::backplane::{BackplaneError, Message};
use crate::host::fleet::selector::Selector;
use crate::host::fleet::streams::StreamRequest;
use crate::host::fleet::workers::{CallNumber, WorkCall};

/// The log of events that are broadcast.
pub(crate) const EVENTS: &str = "events";

/// The store of the shared states.
pub(crate) const STATES: &str = "states";

/// The memory in bytes for a head, which is enough for most calls.
const HEAD_CAPACITY: usize = 320;

/// Returns the subject of the requests to one process, except those of [`calls_of`].
pub(crate) fn subject_of(process: &str) -> String {
    ["process.", process].concat()
}

/// Returns the subject of [`ProcessRequest::Call`] to one process. Clients may take long to answer, and other requests
/// do not wait behind them.
pub(crate) fn calls_of(process: &str) -> String {
    ["call.", process].concat()
}

/// A request to one process.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum ProcessRequest {
    /// Asks for the sessions.
    Sessions,
    /// Closes a session.
    Close { session: u64, reason: String },
    /// Revokes the token of a session.
    Revoke { session: u64 },
    /// Offers a one-time code, for a session with a number that no session of the process has.
    Redeem {
        code: String,
        session: u64,
        address: Option<IpAddr>,
    },
    /// Asks for the functions that the process offers as a worker from a position on, if their version is another one.
    Offers { known: u64, from: usize },
    /// Calls a function that the process offers as a worker. The body is the arguments.
    Work(WorkCall),
    /// Cancels calls of a worker, those that still run.
    Cancel(Vec<CallNumber>),
    /// Asks about a stream, or for its chunks.
    Stream(StreamRequest),
    /// Calls a function of the selected sessions. The body is the frame of the request, whose id no other call has.
    Call {
        function: String,
        id: u64,
        milliseconds: u64,
        selector: Selector,
    },
}

/// A call of a worker as it is written, which borrows what [`ProcessRequest::Work`] owns.
#[derive(Debug, Serialize)]
pub(crate) enum SentRequest<'a> {
    /// Calls a function.
    Work(&'a WorkCall),
}

/// The answer to a request that has no result of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum RequestOutcome {
    Done,
    /// The process has no such session any more, or no such code.
    NoSession,
    Failed(String),
}

/// Writes the head of a message.
pub(crate) fn head<T: Serialize>(value: &T) -> Bytes {
    let mut head = Vec::with_capacity(HEAD_CAPACITY);
    // The types in this folder can always be written: their keys are strings.
    let _ = serde_json::to_writer(&mut head, value);
    head.into()
}

/// Writes the message that has this head and no body.
pub(crate) fn message<T: Serialize>(value: &T) -> Message {
    Message::of_head(head(value))
}

/// Reads the head of a message.
pub(crate) fn read<'m, T: Deserialize<'m>>(message: &'m Message) -> Result<T, BackplaneError> {
    serde_json::from_slice(&message.head)
        .map_err(|error| BackplaneError::Unreadable(BoxError::from(error)))
}

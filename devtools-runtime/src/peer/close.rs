//! The reasons for which this side closes a connection.

use std::borrow::Cow;
use std::fmt;

use crate::peer::signal::Signal;

/// The reason for which this side closes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// The connection is not used any more: the server shuts down, or the last handle of the client was dropped.
    Unused,
    /// The program has closed the connection, for this reason.
    Requested(Cow<'static, str>),
    /// The other side does not read, so the queue of the connection is full.
    Congested,
}

/// The signal that closes a connection from this side. Clones share the signal.
pub(crate) type Closing = Signal<CloseReason>;

impl Closing {
    /// Returns why the connection closes. The reason is [`CloseReason::Unused`] if none was given.
    pub(crate) fn close_reason(&self) -> &CloseReason {
        self.reason().unwrap_or(&CloseReason::Unused)
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unused => f.write_str("it is not used any more"),
            Self::Requested(reason) => f.write_str(reason),
            Self::Congested => {
                f.write_str("it does not read: its queue is over `queued_frames` or `queued_bytes`")
            }
        }
    }
}

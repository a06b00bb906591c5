//! Closing a connection from this side, and why.

use std::borrow::Cow;
use std::fmt;

use crate::peer::signal::Signal;

/// Why this side closes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CloseReason {
    /// Nobody needs it any more: the server ends, or the client's last handle is gone.
    Over,
    /// The program closes it.
    Told(Cow<'static, str>),
    /// The other side does not read.
    Congested,
}

/// What ends a connection from this side. Cloning gives the same.
pub(crate) type Closing = Signal<CloseReason>;

impl Closing {
    /// Returns why the connection is to end. Without a reason it is not needed any more.
    pub(crate) fn close_reason(&self) -> &CloseReason {
        self.reason().unwrap_or(&CloseReason::Over)
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Over => f.write_str("nobody needs it any more"),
            Self::Told(reason) => f.write_str(reason),
            Self::Congested => {
                f.write_str("it does not read: its queue is over `queued_frames` or `queued_bytes`")
            }
        }
    }
}

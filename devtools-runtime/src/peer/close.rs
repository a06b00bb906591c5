//! Closing a connection from this side, and why.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

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
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    token: CancellationToken,
    /// Set before the token is cancelled, unless that is done from outside.
    reason: Arc<OnceLock<CloseReason>>,
}

impl Closing {
    /// Ends the connection when `token` is cancelled.
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self {
            token,
            reason: Arc::default(),
        }
    }

    /// Ends the connection. If it is told so more than once, the first reason counts.
    pub(crate) fn close(&self, reason: CloseReason) {
        if !self.token.is_cancelled() {
            // Taken by somebody else in this very moment, it is theirs.
            let _ = self.reason.set(reason);
        }
        self.token.cancel();
    }

    /// Resolves once the connection is to end.
    pub(crate) async fn closed(&self) {
        self.token.cancelled().await;
    }

    /// Why the connection is to end.
    pub(crate) fn reason(&self) -> &CloseReason {
        self.reason.get().unwrap_or(&CloseReason::Over)
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

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::{CloseReason, Closing};

    #[tokio::test]
    async fn the_first_reason_counts() {
        let closing = Closing::new(CancellationToken::new());
        closing.close(CloseReason::Congested);
        closing.close(CloseReason::Told("later".into()));
        closing.closed().await;
        assert_eq!(*closing.reason(), CloseReason::Congested);
    }

    #[test]
    fn without_a_reason_it_is_over() {
        let token = CancellationToken::new();
        let closing = Closing::new(token.clone());
        token.cancel();
        closing.close(CloseReason::Congested);
        assert_eq!(*closing.reason(), CloseReason::Over);
    }
}

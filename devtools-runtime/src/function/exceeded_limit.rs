//! The limits that end a call.

/// A limit that a call exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExceededLimit {
    /// The call took too long.
    Time,
    /// The reply has too many bytes.
    ReplyBytes,
}

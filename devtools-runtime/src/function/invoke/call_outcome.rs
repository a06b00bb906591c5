//! The outcome of a call, as spans and metrics report it.

/// The outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallOutcome {
    Success,
    Error,
    Timeout,
    Cancelled,
}

impl CallOutcome {
    /// Returns the value of `outcome` in spans and metrics.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "ok",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
        }
    }
}

//! The warnings that a program wants about its calls.

use std::time::Duration;

/// The warnings that a program wants about its calls. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Warnings {
    /// Warns about calls that take this long.
    pub(crate) slow: Option<Duration>,
    /// Warns about functions that hold their thread for this long.
    pub(crate) blocking: Option<Duration>,
}

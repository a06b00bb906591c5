//! The direction of a value.

use crate::function::Side;

/// The direction of a value. Serde may read other types than it writes: a field with a default may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// Rust writes the value: a result of the server, or an argument for a client.
    Written,
    /// Rust reads the value: an argument for the server, or a result of a client.
    Read,
}

impl Direction {
    /// Returns the direction of arguments for functions on this side.
    pub(crate) fn of_arguments(side: Side) -> Self {
        match side {
            Side::Server => Self::Read,
            Side::Client => Self::Written,
        }
    }

    /// Returns the direction of results from functions on this side.
    pub(crate) fn of_results(side: Side) -> Self {
        match side {
            Side::Server => Self::Written,
            Side::Client => Self::Read,
        }
    }
}

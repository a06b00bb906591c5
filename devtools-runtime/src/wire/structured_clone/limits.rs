//! The limits on a value: its nesting, and the cost of reading it.

/// The deepest nesting of containers in a value, in both codecs, for reading and for writing: `Limits::DEPTH`. The
/// containers that a frame adds around the value do not count.
pub(crate) const MAX_DEPTH: usize = 128;

/// The limit on the cost of reading while the sender is not trusted, as a multiple of the text's length.
pub(crate) const STRANGER_FACTOR: usize = 8;

/// The limit on the cost of reading from a trusted sender, as a multiple of the text's length.
pub(crate) const BUDGET_FACTOR: usize = 16;

/// The number of bytes that is added to the limit for a trusted sender, so that a short text may share its records
/// often.
pub(crate) const BASE_BUDGET: usize = 1024 * 1024;

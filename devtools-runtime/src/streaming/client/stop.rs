//! The signal that an upload cannot go on.

use crate::peer::Signal;

/// Tells an upload that it cannot go on, and why.
pub(super) type UploadSignal = Signal<Stop>;

/// Why an upload cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The server wants no more of it.
    Cancelled,
    /// The server has no such upload.
    Unknown,
    /// The client has another upload to the same id.
    AlreadyOpen,
    /// The connection is lost.
    Disconnected,
}

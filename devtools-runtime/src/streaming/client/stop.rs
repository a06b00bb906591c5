//! The signal that an upload cannot go on.

use crate::peer::Signal;

/// The signal that an upload cannot go on, with the reason.
pub(super) type UploadSignal = Signal<Stop>;

/// The reason for which an upload cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The server has cancelled the upload.
    Cancelled,
    /// The server has no such upload.
    Unknown,
    /// The client has another upload to the same id.
    AlreadyOpen,
    /// The connection is lost.
    Disconnected,
}

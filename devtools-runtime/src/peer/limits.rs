//! The bounds of a server and its connections.

use std::time::Duration;

/// The bounds that a server, or a client, and each of its connections keep.
///
/// Memory never grows with what a peer sends or fails to read: each bound says what happens beyond it.
///
/// ```
/// use devtools_runtime::Limits;
///
/// let limits = Limits { calls_in_flight: 64, ..Limits::default() };
/// assert_eq!(limits.frame_bytes, 100 * 1024 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made with struct update syntax, which `non_exhaustive` would forbid"
)]
pub struct Limits {
    /// The largest frame, in bytes. Default: 100 MiB, as the JavaScript server has it
    /// (`protocol.md` 3.4).
    ///
    /// A larger one that comes in closes its WebSocket with code 1009, because the protocol has no way to
    /// skip it; over SSE its POST is answered with 413. A larger one that is to be sent is refused with an error that says so.
    pub frame_bytes: usize,

    /// How many sessions a server may have at once. Default: 1,024.
    ///
    /// Beyond it a further one is refused, with status 503, until another one has ended.
    pub sessions: usize,

    /// How many calls of one connection may run at once. Default: 1,024.
    ///
    /// Beyond it as many more requests are held, of [`frame_bytes`](Self::frame_bytes) altogether, and then
    /// nothing is read until a call has ended. Nothing is lost: requests wait in the socket, and the caller
    /// feels it.
    pub calls_in_flight: usize,

    /// How many frames may wait to be written to one connection. Default: 1,024.
    ///
    /// Calls and notifications then wait for room. A broadcast waits for nobody: a session whose
    /// queue is full when a broadcast comes is closed, since it would miss events unknowingly.
    pub queued_frames: usize,

    /// How often a server asks a WebSocket client for a sign of life. Default: 30 seconds, as the JavaScript
    /// server has it (`protocol.md` 3.4).
    ///
    /// A client that gives none until the next time, neither a pong nor any message, is taken for dead,
    /// and its connection ends.
    pub keep_alive: Duration,

    /// How long a side that closes a connection waits until running calls have ended and their replies
    /// are delivered. Default: 2 seconds. What is not delivered by then is dropped.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 100 * 1024 * 1024,
            sessions: 1024,
            calls_in_flight: 1024,
            queued_frames: 1024,
            keep_alive: Duration::from_secs(30),
            grace: Duration::from_secs(2),
        }
    }
}

//! Recordings of sessions: text with one frame in each line ([protocol 20](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#20-recordings)).
//!
//! [`Recorder`] has the options for making a recording. The tap of a connection (`peer/tap.rs`) hands each frame to
//! the queue of [`RecordingWriter`], whose thread decodes it (`describe.rs`, `open_calls.rs`), leaves out what must
//! not be written (`redact.rs`), and writes a line (`entry.rs`, `notation.rs`).
//!
//! [`Recording`] is a recording that was read. For a replay it is arranged as [`Scripts`] (`script.rs`). A
//! `SessionReplay` (`replay.rs`) stands between the program and a client (`peer/interposed.rs`), and answers in the
//! program's place: it chooses the answers (`choice.rs`), writes their frames (`replies.rs`), and sends the frames
//! that the server had sent by itself (`steps.rs`).

mod choice;
mod describe;
mod dump;
mod entry;
mod error;
mod header;
mod key;
mod left_out;
mod not_recorded;
mod notation;
mod open_calls;
mod pace;
mod recorder;
#[expect(
    clippy::module_inception,
    reason = "it is what the folder is named after"
)]
mod recording;
mod redact;
mod replay;
mod replies;
mod script;
mod serve;
mod states;
mod steps;
mod writer;

pub(crate) use self::describe::KnownFunctions;
pub(crate) use self::dump::prepare;
pub(crate) use self::serve::begin;
pub(crate) use self::writer::RecordingWriter;

pub use self::error::{ReadRecordingError, RecordError};
pub use self::pace::ReplayOptions;
pub use self::recorder::Recorder;
pub use self::recording::{RecordedCall, Recording};
pub use self::writer::RecordingStatus;

#[cfg(test)]
mod tests;

//! The requests about streams, and their answers.

use serde::{Deserialize, Serialize};

use crate::streaming::Leaving;

/// A request of a process about a stream of another one.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::host::fleet) enum StreamRequest {
    /// Asks whether the process has a stream. The answer is the options of its channel, if it has.
    Find { channel: String, id: String },
    /// Begins to read a stream. A session of the reader has the chunks up to `after`, which is 0 if none has any.
    Open {
        reader: Reader,
        channel: String,
        id: String,
        after: u64,
        bytes: usize,
    },
    /// Asks for the chunks after `after`. If there are none, the answer waits for one.
    Read {
        reader: Reader,
        after: u64,
        bytes: usize,
        milliseconds: u64,
    },
    /// Ends the reading.
    Leave { reader: Reader, leaving: Leaving },
    /// Tells a process that a client which reads a stream has connected to another one, with the chunks up to `after`.
    Moved {
        channel: String,
        id: String,
        client: u32,
        after: u64,
    },
    /// Asks a reader that has asked for nothing for some time whether it still reads.
    IsReading {
        channel: String,
        id: String,
        number: u64,
    },
}

/// A process that reads a stream, and the number of its relay.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::host::fleet) struct Reader {
    pub(super) process: String,
    pub(super) number: u64,
}

/// The answer to [`StreamRequest::Open`] and [`StreamRequest::Read`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ReadAnswer {
    /// The body of the message is the frames of consecutive chunks.
    Chunks {
        /// The sizes of the frames in bytes. If `ends`, the last frame is the one that ends the stream.
        sizes: Vec<usize>,
        ends: bool,
        /// The number of the last chunk of the message. Without any, it is the position of the reader.
        through: u64,
        /// The number of the last chunk of the stream.
        last: u64,
        /// Whether the process does not wait for chunks now, because many others wait already.
        is_busy: bool,
    },
    /// The process is not a reader of the stream, or not any more.
    NotOpen,
    /// There is no such stream any more.
    NoStream,
}

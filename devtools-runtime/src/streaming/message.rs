//! The messages of streams and uploads: writing their frames, and reading their arguments.

use serde::Serialize;

use crate::function::{RemoteError, RpcFunction};
use crate::peer::{Frame, remote_error};
use crate::protocol::streaming::End;
#[cfg(feature = "client")]
use crate::protocol::streaming::{UploadChunk, UploadEnd};
use crate::wire::{self, Encoding, Payload, ReadError, ValueWriteError, js};

/// Writes the event `F` with these arguments. A peer that does not know the event ignores it.
pub(super) fn event<F: RpcFunction>(
    encoding: Encoding,
    arguments: &impl Serialize,
) -> Result<Frame, ValueWriteError> {
    wire::request(encoding, F::NAME, arguments, true, None).map(Frame::from)
}

/// Writes a chunk of an upload, as structured clone, which every reader understands.
#[cfg(feature = "client")]
pub(super) fn upload_chunk<T: Serialize>(
    channel: &str,
    id: &str,
    seq: u64,
    chunk: &T,
) -> Result<Frame, ValueWriteError> {
    event::<UploadChunk>(Encoding::StructuredClone, &(channel, id, seq, chunk))
}

/// Writes the end of a stream, as structured clone, because the error can be `undefined` there.
pub(super) fn end(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    end_of::<End>(channel, id, error)
}

/// Writes the end of an upload.
#[cfg(feature = "client")]
pub(super) fn upload_end(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    end_of::<UploadEnd>(channel, id, error)
}

/// Returns `None` only if encoding fails, which it does not for text.
fn end_of<F: RpcFunction>(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    /// The error as a plain object, with its own name ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    #[derive(Serialize)]
    struct StreamFailure<'a> {
        name: &'a str,
        message: &'a str,
    }

    let clone = Encoding::StructuredClone;
    let written = match error {
        Some(error) => {
            let message = &*error.wire_message();
            let name = &*error.name;
            event::<F>(clone, &(channel, id, StreamFailure { name, message }))
        }
        None => event::<F>(clone, &(channel, id, js::Undefined)),
    };
    written.ok()
}

/// The arguments of a message: channel and id first, as in all messages of streams and uploads, and the others.
pub(crate) struct StreamMessage<'f> {
    /// Channel and id.
    pub(crate) key: (String, String),
    rest: Vec<Payload<'f>>,
}

impl<'f> StreamMessage<'f> {
    /// Reads channel and id.
    pub(crate) fn read(arguments: Payload<'f>) -> Result<Self, ReadError> {
        let mut elements = arguments.elements()?.into_iter();
        let mut text = || elements.next().unwrap_or(Payload::Absent).read();
        Ok(Self {
            key: (text()?, text()?),
            rest: elements.collect(),
        })
    }

    /// Returns the argument at this index after channel and id.
    pub(crate) fn argument(&self, index: usize) -> Payload<'f> {
        self.rest.get(index).copied().unwrap_or(Payload::Absent)
    }

    /// Returns the error in a message that ends a stream. A falsy value is no error, as in JavaScript.
    pub(crate) fn failure(&self) -> Option<RemoteError> {
        let error = self.argument(0);
        if error.is_nothing() {
            return None;
        }
        Some(remote_error(error.read().unwrap_or_default()))
    }
}

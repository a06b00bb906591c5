//! The frames of streams, written and taken apart.

use serde::Serialize;

use crate::function::{RemoteError, RpcFunction};
use crate::peer::{Frame, remote_error};
use crate::protocol::streaming::{Chunk, End};
#[cfg(feature = "client")]
use crate::protocol::streaming::{UploadChunk, UploadEnd};
use crate::wire::{self, Encoding, Payload, ReadError, WriteError, js};

/// The optional event `F` with these arguments.
pub(super) fn event<F: RpcFunction>(
    encoding: Encoding,
    arguments: &impl Serialize,
) -> Result<Frame, WriteError> {
    wire::request(encoding, F::NAME, arguments, true, None).map(Frame::from)
}

/// A chunk of a stream.
pub(super) fn chunk<T: Serialize>(
    encoding: Encoding,
    channel: &str,
    id: &str,
    seq: u64,
    chunk: &T,
) -> Result<Frame, WriteError> {
    event::<Chunk>(encoding, &(channel, id, seq, chunk))
}

/// A chunk of an upload: always structured clone, which any reader takes.
#[cfg(feature = "client")]
pub(super) fn upload_chunk<T: Serialize>(
    channel: &str,
    id: &str,
    seq: u64,
    chunk: &T,
) -> Result<Frame, WriteError> {
    event::<UploadChunk>(Encoding::StructuredClone, &(channel, id, seq, chunk))
}

/// The end of a stream. Always structured clone, where the error can be `undefined`.
pub(super) fn end(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    end_of::<End>(channel, id, error)
}

/// The end of an upload.
#[cfg(feature = "client")]
pub(super) fn upload_end(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    end_of::<UploadEnd>(channel, id, error)
}

/// `None` never happens: text can always be written.
fn end_of<F: RpcFunction>(channel: &str, id: &str, error: Option<&RemoteError>) -> Option<Frame> {
    /// A plain object, with the real name ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    #[derive(Serialize)]
    struct Failure<'a> {
        name: &'a str,
        message: &'a str,
    }

    let clone = Encoding::StructuredClone;
    let written = match error {
        Some(error) => {
            let message = &*error.wire_message();
            let name = &*error.name;
            event::<F>(clone, &(channel, id, Failure { name, message }))
        }
        None => event::<F>(clone, &(channel, id, js::Undefined)),
    };
    written.ok()
}

/// What all messages of streams begin with, and what follows it.
pub(crate) struct Message<'f> {
    /// Channel and id.
    pub(crate) key: (String, String),
    rest: Vec<Payload<'f>>,
}

impl<'f> Message<'f> {
    /// Takes the arguments of a message apart.
    pub(crate) fn read(arguments: Payload<'f>) -> Result<Self, ReadError> {
        let mut elements = arguments.elements()?.into_iter();
        let mut text = || elements.next().unwrap_or(Payload::Absent).read();
        Ok(Self {
            key: (text()?, text()?),
            rest: elements.collect(),
        })
    }

    /// The argument at this place after channel and id.
    pub(crate) fn argument(&self, index: usize) -> Payload<'f> {
        self.rest.get(index).copied().unwrap_or(Payload::Absent)
    }

    /// The error that a stream ended with, if it did. Anything falsy is none, as in JavaScript.
    pub(crate) fn failure(&self) -> Option<RemoteError> {
        let error = self.argument(0);
        if error.is_nothing() {
            return None;
        }
        Some(remote_error(error.read().unwrap_or_default()))
    }
}

//! Writes the chunks of one stream.

use serde::Serialize;

use crate::function::RpcFunction;
use crate::peer::{Frame, FrameBlock};
use crate::protocol::streaming::Chunk;
use crate::streaming::message;
use crate::wire::{Encoding, EventStart, ValueWriteError};

/// The writer of the chunks of one stream.
#[derive(Debug)]
pub(super) enum ChunkWriter {
    /// All chunks begin with the same text, and small ones share memory.
    Json {
        start: EventStart,
        block: FrameBlock,
    },
    StructuredClone {
        channel: Box<str>,
        id: Box<str>,
    },
}

impl ChunkWriter {
    pub(super) fn new(encoding: Encoding, channel: &str, id: &str) -> Self {
        match encoding {
            Encoding::Json => Self::Json {
                start: EventStart::new(Chunk::NAME, [channel, id]),
                block: FrameBlock::default(),
            },
            Encoding::StructuredClone => Self::StructuredClone {
                channel: channel.into(),
                id: id.into(),
            },
        }
    }

    /// Writes a chunk.
    pub(super) fn write<T: Serialize>(
        &mut self,
        seq: u64,
        chunk: &T,
    ) -> Result<Frame, ValueWriteError> {
        match self {
            Self::Json { start, block } => Ok(start.event(seq, chunk, |text| block.frame(text))?),
            Self::StructuredClone { channel, id } => {
                let arguments = (&**channel, &**id, seq, chunk);
                message::event::<Chunk>(Encoding::StructuredClone, &arguments)
            }
        }
    }
}

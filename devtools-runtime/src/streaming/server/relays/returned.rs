//! Readers that come from another process.

use crate::protocol::streaming::SubscribeOptions;
use crate::streaming::server::stream::StreamCore;

/// A reader that this process does not know, and that has chunks of another one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReturnedReader {
    pub(super) reader: u32,
    /// The last chunk that it has.
    pub(super) after: u64,
}

impl ReturnedReader {
    /// Recognizes a reader that is about to subscribe to a stream.
    pub(crate) fn of(stream: &StreamCore, options: &SubscribeOptions) -> Option<Self> {
        let after = options.after_seq;
        let reader = options.reader.filter(|_| after > 0)?;
        (!stream.knows(reader)).then_some(Self { reader, after })
    }
}

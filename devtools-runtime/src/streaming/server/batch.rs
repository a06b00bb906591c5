//! Reading of a stream by other processes.

use crate::peer::Frame;
use crate::streaming::server::log::Position;
use crate::streaming::server::state::StreamState;

/// The next chunks for another process.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The frames of chunks with consecutive numbers.
    pub(crate) frames: Vec<Frame>,
    /// The number of the last of them. Without any, it is the position of the reader.
    pub(crate) through: u64,
    /// The number of the last chunk of the stream. In the first batch, the number of the last chunk at the time when the reader joined.
    pub(crate) last: u64,
    /// The frame that ends the stream, if no chunk follows.
    pub(crate) end: Option<Frame>,
}

impl StreamState {
    /// Returns the next frames for another process, of about `bytes` bytes and at least one. It has received the chunks up to
    /// `after`, which is `None` when it begins. Returns `None` if it is not a subscriber.
    pub(super) fn read(&mut self, session: u64, after: Option<u64>, bytes: usize) -> Option<Batch> {
        let Self {
            log,
            subscribers,
            end,
            counts,
            ..
        } = self;
        let subscriber = subscribers.get_mut(&session)?;
        if let Some(after) = after {
            // The last answer may be lost, and then the same chunks are asked for again.
            subscriber.sent = log.before(after.saturating_add(1));
            counts.dropped += subscriber.sent.seq.saturating_sub(after);
            if let Some(flow) = &mut subscriber.flow {
                flow.received = flow.received.max(after);
            }
        }
        let end_of_log = log.last().seq;
        let mut batch = Batch {
            // Chunks that were written since it has joined are new to it.
            last: if after.is_some() {
                end_of_log
            } else {
                subscriber.joined.seq
            },
            ..Batch::default()
        };
        let mut size = 0;
        while let Some((seq, frame)) = log.after(subscriber.sent.seq) {
            let is_next = seq == subscriber.sent.seq + 1;
            if !batch.frames.is_empty() && (!is_next || size + frame.len() > bytes) {
                break;
            }
            size += frame.len();
            subscriber.sent = Position {
                seq,
                bytes: subscriber.sent.bytes + frame.len() as u64,
            };
            batch.frames.push(frame.clone());
        }
        batch.through = subscriber.sent.seq;
        if batch.through == end_of_log && (batch.frames.is_empty() || size < bytes) {
            batch.end.clone_from(end);
        }
        Some(batch)
    }
}

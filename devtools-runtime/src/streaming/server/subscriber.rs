//! One subscriber of a stream: how far it is, and how much it takes.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio_util::task::AbortOnDropHandle;

use crate::peer::{Frame, FrameSource, Peer};
use crate::protocol::streaming::Room;
use crate::streaming::options::ChannelOptions;
use crate::streaming::server::log::Position;

/// How many chunks a subscriber may have had in its queue when it subscribed again.
const MOST_SURPLUS: u64 = 1 << 16;

/// A session that reads a stream.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) peer: Peer,
    /// Gives the driver of its connection the next frames.
    pub(super) source: Arc<dyn FrameSource>,
    /// The end of what it has been sent.
    pub(super) sent: Position,
    /// The end of the stream when it subscribed. It is not behind because of chunks before that.
    pub(super) joined: Position,
    /// Whether the driver of its connection has the source.
    pub(super) offered: bool,
    /// A frame that is sent before the first chunk.
    pub(super) first: Option<Frame>,
    /// How much it takes, if it has said so.
    pub(super) flow: Option<Flow>,
    /// The number by which it is recognized after its connection was lost.
    pub(super) reader: Option<u32>,
    /// Whether the stream keeps chunks for it if its connection is lost.
    pub(super) is_waited_for: bool,
}

/// A subscriber whose connection was lost. The stream keeps the chunks that it has not received.
#[derive(Debug)]
pub(super) struct LostSubscriber {
    pub(super) reader: u32,
    /// The end of what it is known to have received.
    pub(super) received: Position,
    pub(super) joined: Position,
    /// Gives it up.
    pub(super) _timer: Option<AbortOnDropHandle<()>>,
}

/// The credit of a subscriber that says how much it takes.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) room: Room,
    /// The sizes of the frames that it was sent and has not taken.
    sizes: VecDeque<usize>,
    bytes: u64,
    /// The last chunk that it is known to have received.
    pub(super) received: u64,
    /// How many chunks it has taken, by its own count.
    taken: u64,
    /// How many of them were sent before it subscribed again.
    surplus: u64,
}

impl Subscriber {
    /// Returns from where chunks count as being behind.
    pub(super) fn position(&self) -> Position {
        self.sent.max(self.joined)
    }

    /// Returns the last chunk that it is known to have received, if the stream waits for it; else the last that it was
    /// sent.
    pub(super) fn received(&self) -> u64 {
        match &self.flow {
            Some(flow) if self.is_waited_for => flow.received,
            _ => self.sent.seq,
        }
    }

    /// Has the driver of its connection ask for frames.
    pub(super) fn offer(&mut self) {
        if !std::mem::replace(&mut self.offered, true) {
            self.peer.offer(Arc::clone(&self.source));
        }
    }

    /// Returns whether it takes a frame of this size now, and then counts the frame.
    pub(super) fn admits(&mut self, size: usize) -> bool {
        self.flow.as_mut().is_none_or(|flow| flow.admits(size))
    }

    /// Notes that it has taken `items` chunks in all, the last of them `last`.
    pub(super) fn take(&mut self, items: u64, last: u64) {
        if let Some(flow) = &mut self.flow {
            flow.take(items);
            flow.received = flow.received.max(last.min(self.sent.seq));
            self.offer();
        }
    }
}

impl Flow {
    /// The credit of a subscriber with this much room, but no more than the channel lets a subscriber be behind.
    pub(super) fn new(room: Room, received: u64, options: &ChannelOptions) -> Self {
        Self {
            room: Room {
                items: room.items.min(options.queued_chunks.max(1) as u64),
                bytes: room.bytes.min(options.queued_bytes as u64),
            },
            sizes: VecDeque::new(),
            received,
            bytes: 0,
            taken: 0,
            surplus: 0,
        }
    }

    fn admits(&mut self, size: usize) -> bool {
        let items = self.room.items + self.surplus;
        let is_full = self.sizes.len() as u64 >= items
            || (self.bytes >= self.room.bytes && !self.sizes.is_empty());
        if !is_full {
            self.sizes.push_back(size);
            self.bytes += size as u64;
        }
        !is_full
    }

    fn take(&mut self, taken: u64) {
        let mut more = taken.saturating_sub(self.taken);
        self.taken = self.taken.max(taken);
        while more > 0 {
            let Some(size) = self.sizes.pop_front() else {
                self.surplus = self.surplus.saturating_add(more).min(MOST_SURPLUS);
                return;
            };
            self.bytes -= size as u64;
            more -= 1;
        }
    }
}

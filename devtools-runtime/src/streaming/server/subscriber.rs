//! One subscriber of a stream: its position, and how much it has room for.
//!
//! A subscriber is a session of this process, or another process whose sessions read the stream.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::mutex::Mutex;
use crate::peer::{Frame, FrameSource, Peer, SingleFrame};
use crate::protocol::streaming::Room;
use crate::streaming::options::ChannelOptions;
use crate::streaming::server::log::Position;

/// The largest number of chunks that a subscriber may still have in its queue when it subscribes again.
const MOST_SURPLUS: u64 = 1 << 16;

/// A reader of a stream.
#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) outlet: Outlet,
    /// The end of the chunks that it was sent.
    pub(super) sent: Position,
    /// The end of the stream when it subscribed. Chunks before that do not count as being behind.
    pub(super) joined: Position,
    /// A frame that is sent before the first chunk.
    pub(super) first: Option<Frame>,
    /// Its credit, if it announces its room.
    pub(super) flow: Option<Flow>,
    /// The number by which it is recognized after a reconnect.
    pub(super) reader: Option<u32>,
    /// Whether the stream stores chunks for it if its connection is lost.
    pub(super) is_waited_for: bool,
}

/// The way of the chunks to a subscriber.
#[derive(Debug)]
pub(super) enum Outlet {
    /// To a session of this process.
    Session {
        peer: Peer,
        /// The source from which the driver of its connection takes frames.
        source: Arc<dyn FrameSource>,
        /// Whether the driver has the source.
        offered: bool,
    },
    /// To another process, which asks for them.
    Process(Arc<Inquiry>),
}

/// The state of another process that asks for chunks.
#[derive(Debug, Default)]
pub(super) struct Inquiry {
    /// Notified when there are chunks, or the end.
    pub(super) arrived: Notify,
    /// The frame that ends the stream for this process alone, if the stream was closed for it.
    pub(super) closed: Mutex<Option<Frame>>,
}

/// A subscriber whose connection was lost. The stream stores the chunks that it has not received.
#[derive(Debug)]
pub(super) struct LostSubscriber {
    pub(super) reader: u32,
    /// The end of the chunks that it has certainly received.
    pub(super) received: Position,
    pub(super) joined: Position,
    /// The timer that removes it.
    pub(super) _timer: Option<AbortOnDropHandle<()>>,
}

/// The credit of a subscriber that announces how much room it has.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) room: Room,
    /// The sizes of the frames that it was sent and has not taken out of its queue.
    sizes: VecDeque<usize>,
    bytes: u64,
    /// The last chunk that it has certainly received.
    pub(super) received: u64,
    /// The number of chunks that it has taken, by its own count.
    taken: u64,
    /// The number of those that were sent before it subscribed again.
    surplus: u64,
}

impl Subscriber {
    /// Returns the position from which chunks count as being behind.
    pub(super) fn position(&self) -> Position {
        self.sent.max(self.joined)
    }

    /// Returns the last chunk that it has certainly received if the stream waits for it, and otherwise the last chunk that
    /// it was sent.
    pub(super) fn received(&self) -> u64 {
        match &self.flow {
            Some(flow) if self.is_waited_for => flow.received,
            _ => self.sent.seq,
        }
    }

    /// Tells the driver of its connection, or the other process, that there is something new.
    pub(super) fn offer(&mut self) {
        match &mut self.outlet {
            Outlet::Session {
                peer,
                source,
                offered,
            } => {
                if !std::mem::replace(offered, true) {
                    peer.offer(Arc::clone(source));
                }
            }
            Outlet::Process(inquiry) => inquiry.arrived.notify_one(),
        }
    }

    /// Notes that the driver has taken all frames that there are.
    pub(super) fn taken_all(&mut self) {
        if let Outlet::Session { offered, .. } = &mut self.outlet {
            *offered = false;
        }
    }

    pub(super) fn is_process(&self) -> bool {
        matches!(self.outlet, Outlet::Process(_))
    }

    /// Sends the frame that ends the stream for this subscriber alone.
    pub(super) fn close(&self, end: Frame) {
        match &self.outlet {
            Outlet::Session { peer, .. } => peer.offer(SingleFrame::new(end)),
            Outlet::Process(inquiry) => {
                *inquiry.closed.lock() = Some(end);
                inquiry.arrived.notify_one();
            }
        }
    }

    /// Returns whether it has room for a frame of this size, and counts the frame if so.
    pub(super) fn admits(&mut self, size: usize) -> bool {
        self.flow.as_mut().is_none_or(|flow| flow.admits(size))
    }

    /// Notes that it has taken `items` chunks in all, and that the last of them is `last`.
    pub(super) fn take(&mut self, items: u64, last: u64) {
        if let Some(flow) = &mut self.flow {
            flow.take(items);
            flow.received = flow.received.max(last.min(self.sent.seq));
            self.offer();
        }
    }
}

impl Flow {
    /// Makes the credit of a subscriber with this much room, but no more than the channel's limits.
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

//! The subscribers of a stream, from the first frame that they get to the last.

use std::sync::{Arc, Weak};

use crate::peer::{FrameBatch, FrameSource, Peer};
use crate::protocol::streaming::{From as FromSeq, Room, SubscribeOptions};
use crate::streaming::message;
use crate::streaming::options::Backpressure;
use crate::streaming::server::batch::Batch;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::state::Drained;
use crate::streaming::server::stream::StreamCore;
use crate::streaming::server::subscriber::{Flow, Inquiry, Outlet, Subscriber};
use crate::wire::Encoding;

/// The chunks of a stream for one session.
#[derive(Debug)]
struct SubscriberSource {
    stream: Weak<StreamCore>,
    session: u64,
}

impl StreamCore {
    /// Adds a subscriber, or restarts one that has subscribed before.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        session: u64,
        peer: &Peer,
        options: SubscribeOptions,
    ) {
        let of_channel = &self.settings.options;
        let source = Arc::new(SubscriberSource {
            stream: Arc::downgrade(self),
            session,
        });
        let mut state = self.state.lock();
        let (sent, joined) = state.begin(session, &options, of_channel);
        let flow = options
            .room
            .map(|room| Flow::new(room, sent.seq, of_channel));
        let first = flow.as_ref().and_then(|flow| {
            let (after, seq) = (options.after_seq, sent.seq);
            let from = (self.channel(), self.id(), after, seq, flow.room);
            message::event::<FromSeq>(Encoding::Json, &from).ok()
        });
        let outlet = Outlet::Session {
            peer: peer.clone(),
            source,
            offered: false,
        };
        let subscriber = Subscriber {
            outlet,
            sent,
            joined,
            first,
            flow,
            reader: options.reader,
            is_waited_for: of_channel.backpressure == Backpressure::Wait
                && !of_channel.linger_or_default().is_zero(),
        };
        state.add(session, subscriber);
    }

    /// Adds another process as a subscriber. It has the chunks up to `after`, or none.
    pub(super) fn subscribe_process(&self, session: u64, after: u64) -> Arc<Inquiry> {
        let inquiry = Arc::<Inquiry>::default();
        let mut state = self.state.lock();
        let (sent, joined) = state.begin_process(after);
        let unlimited = Room {
            items: u64::MAX,
            bytes: u64::MAX,
        };
        let subscriber = Subscriber {
            outlet: Outlet::Process(Arc::clone(&inquiry)),
            sent,
            joined,
            first: None,
            flow: Some(Flow::new(unlimited, sent.seq, &self.settings.options)),
            reader: None,
            // The answers to the other process may be lost, so chunks are stored until it has them.
            is_waited_for: true,
        };
        state.add(session, subscriber);
        inquiry
    }

    /// Returns the next chunks for another process, which has those up to `after`. Returns `None` if it is not a subscriber.
    pub(super) fn read(
        self: &Arc<Self>,
        session: u64,
        after: Option<u64>,
        bytes: usize,
    ) -> Option<Batch> {
        let mut state = self.state.lock();
        let batch = state.read(session, after, bytes);
        let wakes = state.wakes_writers(&self.settings.options);
        state.trim();
        drop(state);
        if wakes {
            self.room.notify_waiters();
        }
        batch
    }

    /// Notes how many chunks a subscriber has taken.
    pub(super) fn taken(&self, session: u64, items: u64, last: u64) {
        if let Some(subscriber) = self.state.lock().get(session) {
            subscriber.take(items, last);
        }
    }

    /// Returns whether a reader is connected here, or may reconnect.
    pub(super) fn knows(&self, reader: u32) -> bool {
        self.state.lock().knows(reader)
    }

    /// Removes a reader that has connected to another process, so that no chunks are stored for it here.
    pub(super) fn moved(self: &Arc<Self>, reader: u32, after: u64) {
        if self.knows(reader) {
            self.state.lock().moved(reader, after);
            self.settle(Some(Leaving::Disconnected));
        }
    }

    /// Removes a subscriber. If its connection was lost, chunks may be stored until it reconnects.
    pub(super) fn leave(self: &Arc<Self>, session: u64, leaving: Leaving) {
        {
            let mut state = self.state.lock();
            let Some(left) = state.remove(session) else {
                return;
            };
            // Done under the same lock, because a chunk written in between would find no subscriber for the stored chunks,
            // and remove them.
            if leaving == Leaving::Disconnected {
                if let Some(reader) = state.waits_for(&left) {
                    let linger = self.settings.options.linger_or_default();
                    let timer = self.later(linger, move |stream| {
                        stream.state.lock().give_up(reader);
                        stream.settle(None);
                    });
                    state.keep_for(reader, &left, timer);
                }
            }
        }
        self.settle(Some(leaving));
    }

    /// Gives a driver the next frames for its session.
    fn drain(self: &Arc<Self>, session: u64, batch: &mut FrameBatch<'_>) {
        let mut state = self.state.lock();
        let drained = state.drain(session, batch);
        let wakes = state.wakes_writers(&self.settings.options);
        if state.end.is_some() {
            // No writer is left that would remove the chunks that no subscriber needs.
            state.trim();
        }
        drop(state);
        match drained {
            Drained::Untrusted => self.settle(Some(Leaving::Disconnected)),
            Drained::All => self.settle(None),
            Drained::Some if wakes => self.room.notify_waiters(),
            Drained::Some => {}
        }
    }
}

impl FrameSource for SubscriberSource {
    fn take(&self, batch: &mut FrameBatch<'_>) {
        if let Some(stream) = self.stream.upgrade() {
            stream.drain(self.session, batch);
        }
    }
}

//! Subscribers that join, leave and come back, and the consequences for their stream.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;

use crate::protocol::streaming::SubscribeOptions;
use crate::streaming::options::{Backpressure, ChannelOptions};
use crate::streaming::server::log::Position;
use crate::streaming::server::state::StreamState;
use crate::streaming::server::subscriber::{LostSubscriber, Subscriber};

/// The number of disconnected subscribers that a stream waits for at once.
const MOST_LOST: usize = 1024;

/// The way in which a session leaves a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Leaving {
    /// Its client has cancelled the stream.
    Cancelled,
    /// Its client does not read the stream any more, but has not cancelled it.
    Unsubscribed,
    /// The connection has ended, or the stream was closed for it.
    Disconnected,
}

/// The consequence for a stream that has lost its subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterLeaving {
    Nothing,
    Forget {
        after: Duration,
    },
    /// The producer is told to stop, unless there is a subscriber again after this time.
    Cancel {
        after: Duration,
        left: Leaving,
    },
}

impl StreamState {
    /// Returns the position at which a subscriber starts, and the position from which it counts as being behind.
    pub(super) fn begin(
        &mut self,
        session: u64,
        options: &SubscribeOptions,
        of_channel: &ChannelOptions,
    ) -> (Position, Position) {
        self.timer = None;
        let last = self.log.last();
        let known = options
            .reader
            .and_then(|reader| self.recognize(reader, session));
        let sent = match options.after_seq {
            // The subscriber was reading another stream of this id, before the program restarted.
            after if after > last.seq => self.log.resume(0),
            // The stream may have stored more chunks for this subscriber than for others. A relayed stream has stored
            // those that the subscriber waited for.
            after if known.is_some() || (self.is_relayed && after > 0) => {
                self.log.before(after + 1)
            }
            after => self.log.resume(after),
        };
        // A reader that comes from another process was waited for there from its own position, so it counts as behind
        // from that position here too.
        let waits = options.reader.is_some() && of_channel.backpressure == Backpressure::Wait;
        let joined = if self.is_relayed && waits && options.after_seq > 0 {
            sent
        } else {
            last
        };
        (sent, known.unwrap_or(joined))
    }

    /// Returns the position at which another process starts that has the chunks up to `after`, and the position from
    /// which it counts as being behind. It always gets the chunks for late subscribers, because it may have such
    /// subscribers itself.
    pub(super) fn begin_process(&mut self, after: u64) -> (Position, Position) {
        self.timer = None;
        let last = self.log.last();
        let late = self.log.resume(0);
        let sent = match after {
            0 => late,
            after if after > last.seq => late,
            after => self.log.before(after + 1).min(late),
        };
        (sent, last)
    }

    /// Adds a subscriber, in place of the session's former one.
    pub(super) fn add(&mut self, session: u64, mut subscriber: Subscriber) {
        if let Some(old) = self.subscribers.remove(&session) {
            // The driver may have the source already, and must not get it twice.
            subscriber.outlet = old.outlet;
        }
        subscriber.offer();
        self.subscribers.insert(session, subscriber);
    }

    pub(super) fn get(&mut self, session: u64) -> Option<&mut Subscriber> {
        self.subscribers.get_mut(&session)
    }

    pub(super) fn remove(&mut self, session: u64) -> Option<Subscriber> {
        self.subscribers.remove(&session)
    }

    /// Returns the number of the reader if the stream stores chunks for it after its connection was lost.
    pub(super) fn waits_for(&self, left: &Subscriber) -> Option<u32> {
        let reader = left.reader.filter(|_| left.is_waited_for)?;
        (self.lost.len() < MOST_LOST).then_some(reader)
    }

    /// Stores chunks for a subscriber that was removed, until `timer` ends.
    pub(super) fn keep_for(
        &mut self,
        reader: u32,
        left: &Subscriber,
        timer: Option<AbortOnDropHandle<()>>,
    ) {
        self.lost.push(LostSubscriber {
            reader,
            received: self.log.before(left.received() + 1),
            joined: left.joined,
            _timer: timer,
        });
    }

    /// Stops waiting for a disconnected reader.
    pub(super) fn give_up(&mut self, reader: u32) {
        self.lost.retain(|lost| lost.reader != reader);
    }

    /// Returns whether a reader is connected here, or may reconnect.
    pub(super) fn knows(&self, reader: u32) -> bool {
        let mut subscribers = self.subscribers.values();
        self.lost.iter().any(|lost| lost.reader == reader)
            || subscribers.any(|subscriber| subscriber.reader == Some(reader))
    }

    /// Removes a reader that has connected to another process with the chunks up to `after`. A reader that has come
    /// back since then has received more chunks, and stays.
    pub(super) fn moved(&mut self, reader: u32, after: u64) {
        self.lost
            .retain(|lost| lost.reader != reader || lost.received.seq > after);
        self.subscribers
            .retain(|_, it| it.reader != Some(reader) || it.received() >= after);
    }

    /// Removes the former subscriber of a reader that subscribes again, and returns where it had joined. Its old connection
    /// may be lost without the server having noticed.
    fn recognize(&mut self, reader: u32, session: u64) -> Option<Position> {
        let lost = self.lost.iter().position(|lost| lost.reader == reader);
        if let Some(lost) = lost {
            return Some(self.lost.swap_remove(lost).joined);
        }
        let mut others = self.subscribers.iter();
        let (other, _) = others
            .find(|(other, subscriber)| **other != session && subscriber.reader == Some(reader))?;
        let other = *other;
        Some(self.subscribers.remove(&other)?.joined)
    }

    /// Returns the consequence after a subscriber has left, or after the stream has ended.
    pub(super) fn next(&self, left: Option<Leaving>, options: &ChannelOptions) -> AfterLeaving {
        if !self.subscribers.is_empty() {
            return AfterLeaving::Nothing;
        }
        if self.end.is_some() {
            let after = options.retention_or_default();
            return if self.lost.is_empty() {
                AfterLeaving::Forget { after }
            } else {
                AfterLeaving::Nothing
            };
        }
        match left {
            Some(left @ Leaving::Cancelled) => AfterLeaving::Cancel {
                after: Duration::ZERO,
                left,
            },
            Some(left @ Leaving::Disconnected) => AfterLeaving::Cancel {
                after: options.linger_or_default(),
                left,
            },
            // The stream goes on where it is produced, but not here.
            Some(left @ Leaving::Unsubscribed) if self.is_relayed => AfterLeaving::Cancel {
                after: Duration::ZERO,
                left,
            },
            Some(Leaving::Unsubscribed) | None => AfterLeaving::Nothing,
        }
    }
}

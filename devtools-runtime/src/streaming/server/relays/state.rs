//! The state of a relay: its stream, and the sessions that wait for it. The lock of the relay protects it.

use std::sync::Arc;

use crate::peer::Peer;
use crate::protocol::streaming::SubscribeOptions;
use crate::streaming::server::ending::end_unknown;
use crate::streaming::server::relays::lookups::RelayLookup;
use crate::streaming::server::relays::returned::ReturnedReader;
use crate::streaming::server::stream::StreamCore;

#[derive(Debug, Default)]
pub(super) struct RelayState {
    waiting: Vec<WaitingSession>,
    /// The stream, once the process that has it is known.
    stream: Option<Arc<StreamCore>>,
    /// The last chunk that the other process had when the relay began. Late subscribers get the chunks up to it.
    begin: Option<u64>,
    /// The number of times that the other process was asked.
    asked: u64,
    lookup: Option<RelayLookup>,
}

/// A session that has subscribed and waits.
#[derive(Debug)]
pub(super) struct WaitingSession {
    session: u64,
    peer: Peer,
    options: SubscribeOptions,
    /// The number of times that the other process had been asked when the session subscribed.
    asked: u64,
}

impl RelayState {
    /// Creates the state of a relay whose stream is looked for.
    pub(super) fn new(lookup: RelayLookup) -> Self {
        Self {
            lookup: Some(lookup),
            ..Self::default()
        }
    }

    /// Returns the stream, once the process that has it is known.
    pub(super) fn stream(&self) -> Option<Arc<StreamCore>> {
        self.stream.clone()
    }

    /// Returns whether a session reads the stream or waits for it.
    pub(super) fn is_read(&self) -> bool {
        !self.waiting.is_empty() || self.stream.as_ref().is_some_and(|it| it.is_read())
    }

    /// Adds a session, which waits if the stream has not reached the chunks that it wants. Returns the reader if it
    /// has come from another process and does not wait.
    pub(super) fn add(
        &mut self,
        session: u64,
        peer: &Peer,
        options: SubscribeOptions,
    ) -> Option<ReturnedReader> {
        self.waiting.retain(|waiting| waiting.session != session);
        if let Some(stream) = self.begun() {
            if !stream.joins_later(options.after_seq) {
                let returned = ReturnedReader::of(stream, &options);
                stream.subscribe(session, peer, options);
                return returned;
            }
        }
        self.waiting.push(WaitingSession {
            session,
            peer: peer.clone(),
            options,
            asked: self.asked,
        });
        None
    }

    /// Removes a session that waits. Returns the stream if the session does not wait, so that it may be a subscriber.
    pub(super) fn leave(&mut self, session: u64) -> Option<Arc<StreamCore>> {
        let waiting = self.waiting.len();
        self.waiting.retain(|waiting| waiting.session != session);
        if waiting == self.waiting.len() {
            return self.stream();
        }
        self.join();
        None
    }

    /// Ends the lookup, because no process has the stream, and returns the sessions that wait.
    pub(super) fn give_up(&mut self) -> Vec<WaitingSession> {
        self.lookup = None;
        std::mem::take(&mut self.waiting)
    }

    /// Ends the lookup with the stream.
    pub(super) fn found(&mut self, stream: Arc<StreamCore>) {
        self.lookup = None;
        self.stream = Some(stream);
    }

    /// Notes that the other process is asked, and returns the number of the last chunk that this process has. Before the first
    /// answer it has none; then this is the lowest number that a waiting session has asked to continue from.
    pub(super) fn ask(&mut self) -> u64 {
        self.asked += 1;
        match &self.stream {
            Some(stream) if self.begin.is_some() => stream.last(),
            _ => {
                let waiting = self.waiting.iter();
                let after = waiting.map(|waiting| waiting.options.after_seq);
                after.filter(|after| *after > 0).min().unwrap_or(0)
            }
        }
    }

    /// Notes the last chunk that the other process has, if the relay begins with this answer. Returns the stream and the last chunk
    /// that the other process had when the relay began.
    pub(super) fn begin(&mut self, last: u64) -> Option<(Arc<StreamCore>, u64)> {
        let begin = *self.begin.get_or_insert(last);
        Some((self.stream()?, begin))
    }

    /// Returns the stream once it has the chunks for late subscribers.
    fn begun(&self) -> Option<&Arc<StreamCore>> {
        let (stream, begin) = (self.stream.as_ref()?, self.begin?);
        (stream.last() >= begin).then_some(stream)
    }

    /// Lets the stream remove chunks again, if no session waits any more.
    fn join(&self) {
        if self.waiting.is_empty() {
            if let Some(stream) = self.begun() {
                stream.joined();
            }
        }
    }

    /// Subscribes the waiting sessions whose next chunk is the next one of the stream, or an earlier one. Returns the
    /// readers among them that have come from another process.
    pub(super) fn admit(&mut self) -> Vec<ReturnedReader> {
        if self.begun().is_none() {
            return Vec::new();
        }
        self.admit_if(|waiting, last| last >= waiting.options.after_seq)
    }

    /// Subscribes all sessions that wait, because the stream ends.
    pub(super) fn admit_all(&mut self) {
        self.admit_if(|_, _| true);
    }

    /// Subscribes the sessions that wait for a chunk with a higher number than the last one. They have read an earlier stream with this
    /// id, which ended when the program restarted.
    pub(super) fn admit_restarted(&mut self) {
        let asked = self.asked;
        self.admit_if(|waiting, _| waiting.asked < asked);
    }

    /// Subscribes the sessions that have waited long enough. Returns the readers among them that have come from another process.
    fn admit_if(&mut self, is_ready: impl Fn(&WaitingSession, u64) -> bool) -> Vec<ReturnedReader> {
        let mut returned = Vec::new();
        let Some(stream) = self.stream.clone() else {
            return returned;
        };
        let last = stream.last();
        self.waiting.retain(|waiting| {
            let is_ready = is_ready(waiting, last);
            if is_ready {
                returned.extend(ReturnedReader::of(&stream, &waiting.options));
                stream.subscribe(waiting.session, &waiting.peer, waiting.options);
            }
            !is_ready
        });
        self.join();
        returned
    }
}

impl WaitingSession {
    /// Tells the session that no process has the stream, if it expects an answer.
    pub(super) fn end_unknown(&self, channel: &str, id: &str) {
        tracing::debug!(
            session = self.session,
            channel,
            stream = id,
            "no process has such a stream"
        );
        if self.options.room.is_some() {
            end_unknown(&self.peer, channel, id);
        }
    }
}

//! The messages of clients that concern the channels of a server.

use std::sync::Arc;

use crate::peer::Peer;
use crate::protocol::streaming::{Granted, SubscribeOptions};
use crate::streaming::message::StreamMessage;
use crate::streaming::server::channels::Channels;
use crate::streaming::server::ending::end_unknown;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::relays::ReturnedReader;
use crate::streaming::server::stream::StreamCore;
use crate::streaming::server::upload_reader::Upload;

impl Channels {
    /// Subscribes a session to a stream of this process or of another one. If there is no such stream, only a session that announces its room, as Rust
    /// clients do, gets an error ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    pub(crate) fn subscribe(
        &self,
        session: u64,
        peer: &Peer,
        channel: &str,
        id: &str,
        options: SubscribeOptions,
    ) {
        if let Some(stream) = self.stream(channel, id) {
            let returns = ReturnedReader::of(&stream, &options);
            stream.subscribe(session, peer, options);
            if let Some(returned) = returns {
                self.relays().tell_moved(channel, id, returned);
            }
            return;
        }
        if self.relays().subscribe(session, peer, channel, id, options) {
            return;
        }
        tracing::debug!(session, channel, stream = id, "no such stream");
        if options.room.is_some() {
            end_unknown(peer, channel, id);
        }
    }

    /// Notes that a session has taken chunks.
    pub(crate) fn taken(&self, session: u64, channel: &str, id: &str, items: u64, last: u64) {
        if let Some(stream) = self.stream(channel, id) {
            stream.taken(session, items, last);
        } else {
            self.relays().taken(session, channel, id, items, last);
        }
    }

    /// Removes a session from a stream, which continues.
    pub(crate) fn unsubscribe(&self, session: u64, channel: &str, id: &str) {
        if let Some(stream) = self.stream(channel, id) {
            stream.leave(session, Leaving::Unsubscribed);
        } else {
            let relays = self.relays();
            relays.leave(session, channel, id, Leaving::Unsubscribed);
        }
    }

    /// Removes a session from a stream, and cancels the stream if that was its last subscriber.
    pub(crate) fn cancel(&self, session: u64, channel: &str, id: &str) {
        if let Some(stream) = self.stream(channel, id) {
            stream.leave(session, Leaving::Cancelled);
        } else {
            let relays = self.relays();
            relays.leave(session, channel, id, Leaving::Cancelled);
        }
    }

    /// Adds a chunk of an upload, from a message whose arguments have this size.
    pub(crate) fn upload_chunk(
        &self,
        session: u64,
        peer: &Peer,
        message: &StreamMessage<'_>,
        size: usize,
    ) {
        let (channel, id) = (&*message.key.0, &*message.key.1);
        if let Some(upload) = self.upload(channel, id) {
            upload.chunk(session, peer, message, size);
        } else {
            tracing::debug!(session, channel, stream = id, "no such upload");
        }
    }

    /// Ends an upload.
    pub(crate) fn upload_end(&self, session: u64, message: &StreamMessage<'_>) {
        if let Some(upload) = self.upload(&message.key.0, &message.key.1) {
            upload.end(session, message.failure());
        }
    }

    /// Waits until there is room for more of an upload.
    pub(crate) async fn upload_room(
        &self,
        session: u64,
        peer: &Peer,
        channel: &str,
        id: &str,
    ) -> Granted {
        let room = match self.upload(channel, id) {
            Some(upload) => upload.room(session, peer).await,
            None => None,
        };
        let granted = room.map(|room| Granted {
            open: true,
            items: room.items,
            bytes: room.bytes,
        });
        granted.unwrap_or_default()
    }

    /// Removes a session that has ended from all streams and uploads.
    pub(crate) fn leave(&self, session: u64) {
        for channel in self.all() {
            for stream in channel.streams() {
                stream.leave(session, Leaving::Disconnected);
            }
            for upload in channel.uploads() {
                upload.leave(session);
            }
        }
        self.relays().leave_all(session);
    }

    /// Notes that a reader has connected to another process with the chunks up to `after`, and goes on there.
    pub(crate) fn moved(&self, channel: &str, id: &str, reader: u32, after: u64) {
        let stream = self.stream(channel, id);
        if let Some(stream) = stream.or_else(|| self.relays().stream(channel, id)) {
            stream.moved(reader, after);
        }
    }

    /// Returns whether sessions of this process read a stream of another one through the relay of this number.
    pub(crate) fn is_relaying(&self, channel: &str, id: &str, number: u64) -> bool {
        self.relays().is_open(channel, id, number)
    }

    fn stream(&self, channel: &str, id: &str) -> Option<Arc<StreamCore>> {
        self.get(channel)?.stream(id)
    }

    fn upload(&self, channel: &str, id: &str) -> Option<Arc<dyn Upload>> {
        self.get(channel)?.upload(id)
    }
}

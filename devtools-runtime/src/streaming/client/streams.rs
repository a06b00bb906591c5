//! The streams that a client reads, and its uploads, across reconnects.
//!
//! Readers outlive connections: after a reconnect, each subscribes again from its current position. Uploads end with their
//! connection. The messages of readers use the connection's lane, which never rejects a frame and keeps the order, so
//! cancelling a stream and subscribing to it again cannot arrive in the wrong order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::function::{Registry, RemoteError, RpcFunction, protocol_event};
use crate::mutex::Mutex;
use crate::peer::{Frame, Peer, SingleFrame};
use crate::protocol::streaming::{
    Cancel, Chunk, End, From as FromSeq, Room, Subscribe, SubscribeOptions, UploadCancel,
};
use crate::streaming::client::stop::{Stop, UploadSignal};
use crate::streaming::message::{self, StreamMessage};
use crate::wire::Encoding;

/// The names of a channel and a stream in it.
pub(super) type StreamKey = (String, String);

/// The streams that a client reads, without the types of their chunks, and its uploads.
pub struct ClientStreams {
    peer: Peer,
    state: Mutex<OpenStreams>,
}

#[derive(Default)]
struct OpenStreams {
    connection: ConnectionState,
    inboxes: HashMap<StreamKey, Arc<dyn StreamInbox>>,
    uploads: HashMap<StreamKey, Arc<UploadSignal>>,
}

/// The state of the client's connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    #[default]
    Down,
    Up,
    /// The client is closed and will not connect again.
    Closed,
}

/// The receiving end of a stream that is read.
pub(super) trait StreamInbox: Send + Sync {
    /// Returns the options to subscribe with, and resets the count of chunks that were taken.
    fn subscription(&self) -> SubscribeOptions;

    /// Notes the position at which the server starts, and how much it sends at once.
    fn begin_after(&self, after: u64, seq: u64, room: Room);

    /// Adds a chunk from a message whose arguments have this size. Returns whether the reader continues.
    fn chunk(&self, message: &StreamMessage<'_>, size: usize) -> bool;

    /// Ends the stream, because its producer has ended it.
    fn end(&self, error: Option<RemoteError>);

    /// Ends the stream, because the client is closed.
    fn close(&self);
}

/// The reason for which a stream or an upload cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAdded {
    /// The client has one of this channel and id already.
    Taken,
    /// There is no connection, or the client is closed.
    Closed,
}

impl ClientStreams {
    /// Creates an empty collection without a connection. Adds the events that the server sends to `functions`.
    pub(crate) fn new(peer: Peer, functions: &Registry) -> Arc<Self> {
        let streams = Arc::new(Self {
            peer,
            state: Mutex::default(),
        });
        streams.on::<Chunk>(functions, |streams, message, size| {
            streams.receive(message, |inbox, message| inbox.chunk(message, size));
        });
        streams.on::<FromSeq>(functions, |streams, message, _| {
            streams.receive(message, |inbox, message| {
                let number = |index| message.argument(index).read::<u64>();
                let room = message.argument(2).read();
                if let (Ok(after), Ok(seq), Ok(room)) = (number(0), number(1), room) {
                    inbox.begin_after(after, seq, room);
                }
                true
            });
        });
        streams.on::<End>(functions, |streams, message, _| {
            let error = message.failure();
            let inbox = streams.state.lock().inboxes.remove(&message.key);
            if let Some(inbox) = inbox {
                inbox.end(error);
            }
        });
        streams.on::<UploadCancel>(functions, |streams, message, _| {
            let upload = streams.state.lock().uploads.remove(&message.key);
            if let Some(upload) = upload {
                upload.give(Stop::Cancelled);
            }
        });
        streams
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Subscribes to all streams over a new connection, each from its reader's position.
    pub(crate) fn resume(&self) {
        let mut state = self.state.lock();
        if state.connection == ConnectionState::Down {
            state.connection = ConnectionState::Up;
            for (key, inbox) in &state.inboxes {
                self.send::<Subscribe>(key, Some(inbox.subscription()));
            }
        }
    }

    /// Notes that the connection is lost, which ends the uploads.
    pub(crate) fn down(&self) {
        let uploads = {
            let mut state = self.state.lock();
            if state.connection == ConnectionState::Up {
                state.connection = ConnectionState::Down;
            }
            std::mem::take(&mut state.uploads)
        };
        for upload in uploads.into_values() {
            upload.give(Stop::Disconnected);
        }
    }

    /// Ends all streams and uploads, because the client is closed.
    pub(crate) fn close(&self) {
        self.down();
        let inboxes = {
            let mut state = self.state.lock();
            state.connection = ConnectionState::Closed;
            std::mem::take(&mut state.inboxes)
        };
        for inbox in inboxes.into_values() {
            inbox.close();
        }
    }

    /// Adds a reader and subscribes to its stream, now or after the next connect.
    pub(super) fn add_reader(
        &self,
        key: &StreamKey,
        inbox: Arc<dyn StreamInbox>,
    ) -> Result<(), NotAdded> {
        let mut state = self.state.lock();
        if state.connection == ConnectionState::Closed || self.peer.is_closed() {
            return Err(NotAdded::Closed);
        }
        match state.inboxes.entry(key.clone()) {
            Entry::Occupied(_) => return Err(NotAdded::Taken),
            Entry::Vacant(vacant) => {
                let options = inbox.subscription();
                vacant.insert(inbox);
                if state.connection == ConnectionState::Up {
                    self.send::<Subscribe>(key, Some(options));
                }
            }
        }
        Ok(())
    }

    /// Cancels a stream. Does nothing if it has ended.
    pub(super) fn cancel(&self, key: &StreamKey) {
        let mut state = self.state.lock();
        if state.inboxes.remove(key).is_some() && state.connection == ConnectionState::Up {
            self.send::<Cancel>(key, None);
        }
    }

    /// Sends a frame through the lane, if there is a connection.
    pub(super) fn send_by_lane(&self, frame: Frame) {
        if self.state.lock().connection == ConnectionState::Up {
            self.peer.offer(SingleFrame::new(frame));
        }
    }

    pub(super) fn add_upload(
        &self,
        key: &StreamKey,
        upload: &Arc<UploadSignal>,
    ) -> Result<(), NotAdded> {
        let mut state = self.state.lock();
        if state.connection != ConnectionState::Up {
            return Err(NotAdded::Closed);
        }
        match state.uploads.entry(key.clone()) {
            Entry::Occupied(_) => Err(NotAdded::Taken),
            Entry::Vacant(vacant) => {
                vacant.insert(Arc::clone(upload));
                Ok(())
            }
        }
    }

    /// Removes an upload that has ended, if the entry is this one.
    pub(super) fn remove_upload(&self, key: &StreamKey, upload: &Arc<UploadSignal>) {
        let mut state = self.state.lock();
        if state
            .uploads
            .get(key)
            .is_some_and(|other| Arc::ptr_eq(other, upload))
        {
            state.uploads.remove(key);
        }
    }

    fn send<F: RpcFunction>(&self, (channel, id): &StreamKey, options: Option<SubscribeOptions>) {
        let frame = match options {
            Some(options) => message::event::<F>(Encoding::Json, &(channel, id, options)),
            None => message::event::<F>(Encoding::Json, &(channel, id)),
        };
        if let Ok(frame) = frame {
            self.peer.offer(SingleFrame::new(frame));
        }
    }

    /// Passes a message to its reader. Cancels the stream if the reader does not continue.
    fn receive(
        &self,
        message: &StreamMessage<'_>,
        take: impl FnOnce(&dyn StreamInbox, &StreamMessage<'_>) -> bool,
    ) {
        let inbox = self.state.lock().inboxes.get(&message.key).cloned();
        if let Some(inbox) = inbox {
            if !take(&*inbox, message) {
                self.cancel(&message.key);
            }
        }
    }

    /// Adds the event `F`, which `handler` handles.
    fn on<F: RpcFunction>(
        self: &Arc<Self>,
        functions: &Registry,
        handler: fn(&Self, &StreamMessage<'_>, usize),
    ) {
        let streams = Arc::clone(self);
        functions.replace(protocol_event::<F>(
            move |arguments| match StreamMessage::read(arguments) {
                Ok(message) => handler(&streams, &message, arguments.len()),
                Err(error) => tracing::debug!(%error, "dropped a message of a stream"),
            },
        ));
    }
}

impl fmt::Debug for ClientStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("ClientStreams")
            .field("connection", &state.connection)
            .field("streams", &state.inboxes.len())
            .field("uploads", &state.uploads.len())
            .finish_non_exhaustive()
    }
}

//! The client's half: what it reads and uploads, over all its connections.
//!
//! Readers outlive connections, and are subscribed anew to where they are; uploads do not. What the readers say
//! goes by the connection's [lane](crate::peer::Lane), which needs no room and keeps the order: a stream that is
//! given up and subscribed to again is not given up after that.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{
    Call, FunctionDefinition, Handler, Place, Registry, RemoteError, RpcFunction, Started,
};
use crate::peer::{Frame, Peer};
use crate::protocol::streaming::{
    Cancel, Chunk, End, From as FromSeq, Room, Subscribe, SubscribeOptions, UploadCancel,
};
use crate::streaming::message::{self, Message};
use crate::streaming::stream::Once;
use crate::streaming::upload::{Stop, UploadState};
use crate::streaming::{ReaderOptions, StreamReader, UploadSink};
use crate::wire::Encoding;

/// Channel and id.
pub(super) type Key = (String, String);

/// The streams that a client reads, without their types, and its uploads.
pub struct Readers {
    peer: Peer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Connection,
    inboxes: HashMap<Key, Arc<dyn Inbox>>,
    uploads: HashMap<Key, Arc<UploadState>>,
}

/// Whether there is something to subscribe over.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Connection {
    #[default]
    Down,
    Up,
    /// There will be none any more.
    Closed,
}

/// A stream that is read.
pub(super) trait Inbox: Send + Sync {
    /// What to subscribe with: begins to count anew what is taken.
    fn subscription(&self) -> SubscribeOptions;

    /// The server says where it begins, and how much it sends at once.
    fn begin_after(&self, after: u64, seq: u64, room: Room);

    /// A chunk has come, in a message with arguments of this size. Whether the reader goes on.
    fn chunk(&self, message: &Message<'_>, size: usize) -> bool;

    /// The stream has ended.
    fn end(&self, error: Option<RemoteError>);

    /// No connection is to come any more.
    fn close(&self);
}

/// Why a reader cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Taken,
    Closed,
}

/// The streams of the server, from [`DevToolsRpcClient::streaming`](crate::DevToolsRpcClient::streaming).
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::streaming::StreamError;
///
/// async fn last_line(rpc: &DevToolsRpcClient, id: &str) -> Result<Option<String>, StreamError> {
///     let mut lines = rpc.streaming().subscribe::<String>("my-plugin:log", id);
///     let mut last = None;
///     while let Some(line) = lines.next().await {
///         last = Some(line?);
///     }
///     Ok(last)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StreamingClient<'a> {
    readers: &'a Arc<Readers>,
}

impl<'a> StreamingClient<'a> {
    pub(crate) fn new(readers: &'a Arc<Readers>) -> Self {
        Self { readers }
    }

    pub(crate) fn readers(self) -> &'a Arc<Readers> {
        self.readers
    }

    /// Reads a stream of the server: what it has kept, and all that comes.
    ///
    /// After the connection was lost and is there again, it goes on from the last chunk it has, without losing or
    /// repeating any within what the server [keeps](crate::streaming::ChannelOptions::replay).
    pub fn subscribe<T>(self, channel: &str, id: &str) -> StreamReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.subscribe_with(channel, id, ReaderOptions::new())
    }

    /// [`subscribe`](Self::subscribe), with other bounds.
    pub fn subscribe_with<T>(
        self,
        channel: &str,
        id: &str,
        options: ReaderOptions,
    ) -> StreamReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        StreamReader::new(self.readers, (channel.to_owned(), id.to_owned()), options)
    }

    /// Uploads to a stream that the server has opened, and whose id it has told.
    pub fn upload<T: Serialize>(self, channel: &str, id: &str) -> UploadSink<T> {
        UploadSink::new(self.readers, (channel.to_owned(), id.to_owned()))
    }
}

impl Readers {
    /// Nothing is read yet, and there is no connection. The functions that the server calls go into `functions`.
    pub(crate) fn new(peer: Peer, functions: &Registry) -> Arc<Self> {
        let readers = Arc::new(Self {
            peer,
            state: Mutex::default(),
        });
        readers.hear::<Chunk>(functions, |readers, message, size| {
            readers.receive(message, |inbox, message| inbox.chunk(message, size));
        });
        readers.hear::<FromSeq>(functions, |readers, message, _| {
            readers.receive(message, |inbox, message| {
                let number = |index| message.argument(index).read::<u64>();
                let room = message.argument(2).read();
                if let (Ok(after), Ok(seq), Ok(room)) = (number(0), number(1), room) {
                    inbox.begin_after(after, seq, room);
                }
                true
            });
        });
        readers.hear::<End>(functions, |readers, message, _| {
            let error = message.failure();
            let inbox = readers.lock().inboxes.remove(&message.key);
            if let Some(inbox) = inbox {
                inbox.end(error);
            }
        });
        readers.hear::<UploadCancel>(functions, |readers, message, _| {
            let upload = readers.lock().uploads.remove(&message.key);
            if let Some(upload) = upload {
                upload.stop(Stop::Cancelled);
            }
        });
        readers
    }

    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// There is a connection: what is read is subscribed to, from where it is.
    pub(crate) fn resume(&self) {
        let mut state = self.lock();
        if state.connection == Connection::Down {
            state.connection = Connection::Up;
            for (key, inbox) in &state.inboxes {
                self.say::<Subscribe>(key, Some(inbox.subscription()));
            }
        }
    }

    /// The connection is lost.
    pub(crate) fn down(&self) {
        let uploads = {
            let mut state = self.lock();
            if state.connection == Connection::Up {
                state.connection = Connection::Down;
            }
            std::mem::take(&mut state.uploads)
        };
        for upload in uploads.into_values() {
            upload.stop(Stop::Disconnected);
        }
    }

    /// No connection is to come any more.
    pub(crate) fn close(&self) {
        self.down();
        let inboxes = {
            let mut state = self.lock();
            state.connection = Connection::Closed;
            std::mem::take(&mut state.inboxes)
        };
        for inbox in inboxes.into_values() {
            inbox.close();
        }
    }

    /// Subscribes, now or once there is a connection.
    pub(super) fn add(&self, key: &Key, inbox: Arc<dyn Inbox>) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.connection == Connection::Closed || self.peer.is_closed() {
            return Err(Refused::Closed);
        }
        match state.inboxes.entry(key.clone()) {
            Entry::Occupied(_) => return Err(Refused::Taken),
            Entry::Vacant(vacant) => {
                let options = inbox.subscription();
                vacant.insert(inbox);
                if state.connection == Connection::Up {
                    self.say::<Subscribe>(key, Some(options));
                }
            }
        }
        Ok(())
    }

    /// Gives a stream up. Nothing happens if it has ended.
    pub(super) fn give_up(&self, key: &Key) {
        let mut state = self.lock();
        if state.inboxes.remove(key).is_some() && state.connection == Connection::Up {
            self.say::<Cancel>(key, None);
        }
    }

    /// Sends what goes before nothing else, if there is a connection.
    pub(super) fn send_last(&self, frame: Frame) {
        if self.lock().connection == Connection::Up {
            self.peer.offer(Once::new(frame));
        }
    }

    pub(super) fn add_upload(&self, key: &Key, upload: &Arc<UploadState>) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.connection != Connection::Up {
            return Err(Refused::Closed);
        }
        match state.uploads.entry(key.clone()) {
            Entry::Occupied(_) => Err(Refused::Taken),
            Entry::Vacant(vacant) => {
                vacant.insert(Arc::clone(upload));
                Ok(())
            }
        }
    }

    /// Forgets an upload that has ended, if it is this one.
    pub(super) fn remove_upload(&self, key: &Key, upload: &Arc<UploadState>) {
        let mut state = self.lock();
        if state
            .uploads
            .get(key)
            .is_some_and(|other| Arc::ptr_eq(other, upload))
        {
            state.uploads.remove(key);
        }
    }

    fn say<F: RpcFunction>(&self, (channel, id): &Key, options: Option<SubscribeOptions>) {
        let frame = match options {
            Some(options) => message::event::<F>(Encoding::Json, &(channel, id, options)),
            None => message::event::<F>(Encoding::Json, &(channel, id)),
        };
        if let Ok(frame) = frame {
            self.peer.offer(Once::new(frame));
        }
    }

    /// Hands a message to the reader that it is for, which is given up if it does not go on.
    fn receive(&self, message: &Message<'_>, take: impl FnOnce(&dyn Inbox, &Message<'_>) -> bool) {
        let inbox = self.lock().inboxes.get(&message.key).cloned();
        if let Some(inbox) = inbox {
            if !take(&*inbox, message) {
                self.give_up(&message.key);
            }
        }
    }

    /// Hears what the server tells.
    fn hear<F: RpcFunction>(
        self: &Arc<Self>,
        functions: &Registry,
        handler: fn(&Self, &Message<'_>, usize),
    ) {
        let place = Place {
            file: file!(),
            line: line!(),
            package: env!("CARGO_PKG_NAME"),
        };
        let readers = Arc::clone(self);
        let start = move |call: Call<'_>| {
            match Message::read(call.arguments) {
                Ok(message) => handler(&readers, &message, call.arguments.len()),
                Err(error) => tracing::debug!(%error, "dropped a message of a stream"),
            }
            Started::Done(call.reply.success(F::ENCODING, &()))
        };
        let function = FunctionDefinition::declared::<F>(place);
        functions.replace(function.handled_by(Handler::Dynamic(Arc::new(start))));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No critical section can leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Readers")
            .field("connection", &state.connection)
            .field("streams", &state.inboxes.len())
            .field("uploads", &state.uploads.len())
            .finish_non_exhaustive()
    }
}

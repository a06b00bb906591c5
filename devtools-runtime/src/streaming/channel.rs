//! The channels of a server: what is registered under their names, and what clients ask of them.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::function::is_scoped_or_reserved;
use crate::peer::Peer;
use crate::protocol::streaming::{Granted, SubscribeOptions};
use crate::streaming::inbound::{InboundCore, Upload};
use crate::streaming::message::Message;
use crate::streaming::pipe::{IntoChunk, pipe};
use crate::streaming::stream::{Leaving, StreamCore, end_unknown};
use crate::streaming::{
    CancelReason, ChannelError, ChannelOptions, StartError, StreamSink, UploadReader,
};

/// Separates channel and id in JavaScript, so that neither may hold it ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
const SEPARATOR: char = '\u{1f}';

/// The channels of a server. Cloning is cheap and gives the same.
#[derive(Debug, Clone)]
pub(crate) struct Channels(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The largest frame, in bytes.
    frame_bytes: usize,
    channels: Mutex<HashMap<Arc<str>, Arc<ChannelCore>>>,
}

/// A channel of a server, created with [`StreamingHost::create`](crate::StreamingHost::create): streams of `T` that
/// clients subscribe to, and uploads of `T` by clients. Cloning is cheap and gives the same channel.
///
/// Each stream has an id, which clients get by other means: a function returns it.
///
/// ```standalone_crate
/// use devtools_runtime::{ChannelOptions, DevTools};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let options = ChannelOptions::new().replay(100); // nobody who subscribes later misses the beginning
/// let streaming = devtools.context().rpc().streaming();
/// let chat = streaming.create::<String>("my-plugin:chat", options)?;
///
/// let words = ["how", "are", "you"].map(str::to_owned);
/// let id = chat.pipe_from(futures_util::stream::iter(words));
///
/// let rpc = devtools.client();
/// let mut words = rpc.streaming().subscribe::<String>("my-plugin:chat", &id);
/// let mut answer = Vec::new();
/// while let Some(word) = words.next().await {
///     answer.push(word?);
/// }
/// assert_eq!(answer, ["how", "are", "you"]);
/// # Ok(())
/// # }
/// ```
pub struct Channel<T> {
    core: Arc<ChannelCore>,
    chunks: PhantomData<fn(T) -> T>,
}

/// What was counted of a channel, from [`Channel::stats`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ChannelStats {
    /// The streams that are open.
    pub open: usize,
    /// The streams that have ended and are kept for subscribers that come late.
    pub retained: usize,
    /// The subscribers of all of them.
    pub subscribers: usize,
    /// The bytes of frames that are kept, for replay or because a subscriber has yet to get them.
    pub bytes: u64,
    /// The chunks that subscribers missed because they were slow, since the channel was created.
    pub dropped_chunks: u64,
    /// The subscribers that were closed because they were slow, since the channel was created.
    pub closed_subscribers: u64,
    /// The uploads that are open.
    pub uploads: usize,
}

/// A channel without its type.
pub(super) struct ChannelCore {
    pub(super) name: Arc<str>,
    pub(super) options: ChannelOptions,
    pub(super) frame_bytes: usize,
    pub(super) runtime: Option<Handle>,
    state: Mutex<State>,
    /// The tasks that write what is piped: they end with the channel.
    pipes: Mutex<JoinSet<()>>,
    /// What the type of its chunks says of itself.
    #[cfg(feature = "typescript")]
    describe: std::sync::OnceLock<crate::function::DescribeType>,
}

#[derive(Default)]
struct State {
    streams: HashMap<String, Arc<StreamCore>>,
    /// Those that have ended, in that order.
    ended: VecDeque<String>,
    uploads: HashMap<String, Arc<dyn Upload>>,
    /// What was counted of streams that are forgotten.
    dropped: u64,
    closed: u64,
}

impl Channels {
    /// No channels yet, over which no frame goes that is larger than this.
    pub(crate) fn new(frame_bytes: usize) -> Self {
        Self(Arc::new(Shared {
            frame_bytes,
            channels: Mutex::default(),
        }))
    }

    /// Creates a channel.
    pub(crate) fn create<T>(
        &self,
        name: &str,
        options: ChannelOptions,
    ) -> Result<Channel<T>, ChannelError> {
        if !is_scoped_or_reserved(name) {
            return Err(ChannelError::BadName(name.to_owned()));
        }
        let mut channels = lock(&self.0.channels);
        if channels.contains_key(name) {
            return Err(ChannelError::NameTaken(name.to_owned()));
        }
        let name: Arc<str> = name.into();
        let core = Arc::new(ChannelCore {
            name: Arc::clone(&name),
            options,
            frame_bytes: self.0.frame_bytes,
            runtime: Handle::try_current().ok(),
            state: Mutex::default(),
            pipes: Mutex::default(),
            #[cfg(feature = "typescript")]
            describe: std::sync::OnceLock::new(),
        });
        channels.insert(name, Arc::clone(&core));
        Ok(Channel {
            core,
            chunks: PhantomData,
        })
    }

    /// The names of the channels, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = lock(&self.0.channels)
            .keys()
            .map(ToString::to_string)
            .collect();
        names.sort_unstable();
        names
    }

    /// The channels: their names, options, and what is known of their chunks.
    #[cfg(feature = "typescript")]
    pub(crate) fn described(
        &self,
    ) -> Vec<(
        String,
        ChannelOptions,
        Option<crate::function::DescribeType>,
    )> {
        let channels = lock(&self.0.channels);
        let described = channels.values().map(|channel| {
            let describe = channel.describe.get().copied();
            (channel.name.to_string(), channel.options, describe)
        });
        described.collect()
    }

    fn channel(&self, name: &str) -> Option<Arc<ChannelCore>> {
        lock(&self.0.channels).get(name).cloned()
    }

    fn stream(&self, channel: &str, id: &str) -> Option<Arc<StreamCore>> {
        let channel = self.channel(channel)?;
        let state = lock(&channel.state);
        state.streams.get(id).cloned()
    }

    fn upload(&self, channel: &str, id: &str) -> Option<Arc<dyn Upload>> {
        let channel = self.channel(channel)?;
        let state = lock(&channel.state);
        state.uploads.get(id).cloned()
    }

    /// A session wants the chunks of a stream. Of one that is not there it is told nothing, unless it asks
    /// ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    pub(crate) fn subscribe(
        &self,
        session: u64,
        peer: &Peer,
        channel: &str,
        id: &str,
        options: SubscribeOptions,
    ) {
        if let Some(stream) = self.stream(channel, id) {
            stream.subscribe(session, peer, options);
            return;
        }
        tracing::debug!(session, channel, stream = id, "no such stream");
        if options.room.is_some() {
            end_unknown(peer, channel, id);
        }
    }

    /// A session has taken chunks.
    pub(crate) fn taken(&self, session: u64, channel: &str, id: &str, items: u64, last: u64) {
        if let Some(stream) = self.stream(channel, id) {
            stream.taken(session, items, last);
        }
    }

    /// A session wants no more of a stream, which goes on.
    pub(crate) fn unsubscribe(&self, session: u64, channel: &str, id: &str) {
        if let Some(stream) = self.stream(channel, id) {
            stream.leave(session, Leaving::Unsubscribed);
        }
    }

    /// A session wants no more of a stream, which is cancelled if nobody else does.
    pub(crate) fn cancel(&self, session: u64, channel: &str, id: &str) {
        if let Some(stream) = self.stream(channel, id) {
            stream.leave(session, Leaving::Cancelled);
        }
    }

    /// A chunk of an upload has come.
    pub(crate) fn upload_chunk(
        &self,
        session: u64,
        peer: &Peer,
        message: &Message<'_>,
        size: usize,
    ) {
        let (channel, stream) = (&*message.key.0, &*message.key.1);
        match self.upload(channel, stream) {
            Some(upload) => upload.chunk(session, peer, message, size),
            None => {
                tracing::debug!(session, channel, stream, "no such upload");
            }
        }
    }

    /// An upload has ended.
    pub(crate) fn upload_end(&self, session: u64, message: &Message<'_>) {
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

    /// A session has ended.
    pub(crate) fn leave(&self, session: u64) {
        let channels: Vec<_> = lock(&self.0.channels).values().cloned().collect();
        for channel in channels {
            let (streams, uploads) = {
                let state = lock(&channel.state);
                let streams: Vec<_> = state.streams.values().cloned().collect();
                let uploads: Vec<_> = state.uploads.values().cloned().collect();
                (streams, uploads)
            };
            for stream in streams {
                stream.leave(session, Leaving::Disconnected);
            }
            for upload in uploads {
                upload.leave(session);
            }
        }
    }
}

#[cfg(feature = "typescript")]
impl<T: schemars::JsonSchema> Channel<T> {
    /// Has declarations for TypeScript say what a chunk is. A channel that [`rpc_channel`](macro@crate::rpc_channel)
    /// declares does so by itself; of others it is `unknown`.
    ///
    /// ```
    /// # use devtools_runtime::{ChannelError, ChannelOptions, DevToolsContext};
    /// # fn example(ctx: &DevToolsContext) -> Result<(), ChannelError> {
    /// let streaming = ctx.rpc().streaming();
    /// let lines = streaming.create::<String>("my-plugin:lines", ChannelOptions::new())?.described();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn described(self) -> Self {
        // Of one channel it is always the same.
        let _ = self.core.describe.set(crate::function::describe::<T>);
        self
    }
}

impl<T> Channel<T> {
    /// The channel's name.
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The ids of the streams that can be subscribed to, those that have ended among them, sorted.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = lock(&self.core.state).streams.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// What was counted.
    pub fn stats(&self) -> ChannelStats {
        let channel = lock(&self.core.state);
        let mut stats = ChannelStats {
            dropped_chunks: channel.dropped,
            closed_subscribers: channel.closed,
            uploads: channel.uploads.len(),
            ..ChannelStats::default()
        };
        for stream in channel.streams.values() {
            let (subscribers, bytes, counts, ended) = stream.stats();
            stats.open += usize::from(!ended);
            stats.retained += usize::from(ended);
            stats.subscribers += subscribers;
            stats.bytes += bytes;
            stats.dropped_chunks += counts.dropped;
            stats.closed_subscribers += counts.closed;
        }
        stats
    }

    /// Begins a stream, under an id of its own.
    pub fn start(&self) -> StreamSink<T> {
        loop {
            // Taken only by whoever was given the same 128 bits.
            if let Ok(sink) = self.start_with_id(&random_id()) {
                return sink;
            }
        }
    }

    /// Begins a stream under an id that clients know already.
    ///
    /// # Errors
    ///
    /// If there is a stream of this id, also one that has ended and is
    /// [kept](ChannelOptions::retention); or it is no id.
    pub fn start_with_id(&self, id: &str) -> Result<StreamSink<T>, StartError> {
        let id = checked_id(id)?;
        let stream = StreamCore::new(&self.core, id.clone());
        let mut state = lock(&self.core.state);
        if state.streams.contains_key(&id) {
            return Err(StartError::IdTaken(id));
        }
        state.streams.insert(id, Arc::clone(&stream));
        drop(state);
        Ok(StreamSink::new(stream))
    }

    /// Begins a stream of what `stream` gives, and returns its id.
    ///
    /// `stream` gives chunks, or results; with its first error the stream ends, for everybody and also for those
    /// who come late. It is read in a task of the channel, as fast as the channel's
    /// [backpressure](ChannelOptions::backpressure) allows, until it ends or nobody wants the rest.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, unless the channel was created within one.
    pub fn pipe_from<S>(&self, stream: S) -> String
    where
        T: Serialize + Send + Sync + 'static,
        S: Stream<Item: IntoChunk<T>> + Send + 'static,
    {
        let sink = self.start();
        let id = sink.id().to_owned();
        self.pipe(sink, stream);
        id
    }

    /// [`pipe_from`](Self::pipe_from), under an id that clients know already.
    ///
    /// # Errors
    ///
    /// As [`start_with_id`](Self::start_with_id).
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, unless the channel was created within one.
    pub fn pipe_from_with_id<S>(&self, id: &str, stream: S) -> Result<(), StartError>
    where
        T: Serialize + Send + Sync + 'static,
        S: Stream<Item: IntoChunk<T>> + Send + 'static,
    {
        let sink = self.start_with_id(id)?;
        self.pipe(sink, stream);
        Ok(())
    }

    fn pipe<S>(&self, sink: StreamSink<T>, stream: S)
    where
        T: Serialize + Send + Sync + 'static,
        S: Stream<Item: IntoChunk<T>> + Send + 'static,
    {
        let mut pipes = lock(&self.core.pipes);
        while pipes.try_join_next().is_some() {}
        let task = pipe(sink, stream);
        match Handle::try_current().ok().or(self.core.runtime.clone()) {
            Some(runtime) => pipes.spawn_on(task, &runtime),
            None => pipes.spawn(task),
        };
    }

    /// Opens an upload, under an id of its own, for a client to be told.
    pub fn open_inbound(&self) -> UploadReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        loop {
            if let Ok(reader) = self.open_inbound_with_id(&random_id()) {
                return reader;
            }
        }
    }

    /// Opens an upload under an id that the client knows already.
    ///
    /// # Errors
    ///
    /// If there is an upload of this id that has not ended, or it is no id.
    pub fn open_inbound_with_id(&self, id: &str) -> Result<UploadReader<T>, StartError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let id = checked_id(id)?;
        let upload = InboundCore::new(&self.core, id.clone());
        let mut state = lock(&self.core.state);
        if state.uploads.contains_key(&id) {
            return Err(StartError::IdTaken(id));
        }
        state
            .uploads
            .insert(id, Arc::<InboundCore<T>>::clone(&upload));
        drop(state);
        Ok(UploadReader::new(upload))
    }
}

impl ChannelCore {
    /// A stream has ended: if there are too many of those, the first of them is forgotten.
    pub(super) fn has_ended(&self, id: &str) {
        let forgotten = {
            let mut state = lock(&self.state);
            state.ended.push_back(id.to_owned());
            let is_over = state.ended.len() > self.options.retained_streams;
            let first = is_over.then(|| state.first_idle()).flatten();
            first.and_then(|id| state.forget(&id))
        };
        // Outside the lock, which it may want.
        drop(forgotten);
    }

    /// A stream is over, and nobody is to come for it any more.
    pub(super) fn forget(&self, id: &str) {
        let forgotten = lock(&self.state).forget(id);
        drop(forgotten);
    }

    /// An upload is over.
    pub(super) fn forget_upload(&self, id: &str) {
        let forgotten = lock(&self.state).uploads.remove(id);
        drop(forgotten);
    }
}

impl State {
    /// The stream that ended first, of those that nobody reads.
    fn first_idle(&self) -> Option<String> {
        let mut ended = self.ended.iter();
        let idle = ended.find(|id| {
            let stream = self.streams.get(*id);
            stream.is_some_and(|stream| stream.stats().0 == 0)
        });
        idle.cloned()
    }

    fn forget(&mut self, id: &str) -> Option<Arc<StreamCore>> {
        self.ended.retain(|ended| ended != id);
        let stream = self.streams.remove(id)?;
        let (_, _, counts, _) = stream.stats();
        self.dropped += counts.dropped;
        self.closed += counts.closed;
        Some(stream)
    }
}

impl Drop for ChannelCore {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for stream in state.streams.values() {
            stream.cancellation.cancel(CancelReason::Gone);
        }
    }
}

fn checked_id(id: &str) -> Result<String, StartError> {
    if is_name(id) {
        Ok(id.to_owned())
    } else {
        Err(StartError::BadId(id.to_owned()))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(SEPARATOR)
}

/// 128 random bits in hexadecimal digits. While the system gives none, they are those that hash maps are seeded with: an id may
/// then be guessed, and still is no other one's.
fn random_id() -> String {
    let of_hash_maps = |_| RandomState::new().build_hasher().finish();
    let [high, low] = [(); 2].map(|()| getrandom::u64().unwrap_or_else(of_hash_maps));
    format!("{high:016x}{low:016x}")
}

impl<T> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            chunks: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Channel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.fmt(f)
    }
}

impl fmt::Debug for ChannelCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("name", &self.name)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No critical section can leave the value half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

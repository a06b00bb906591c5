//! The program's handle of a channel.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::marker::PhantomData;
use std::sync::Arc;

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::streaming::error::StartError;
use crate::streaming::server::core::{ChannelCore, ChannelStats};
use crate::streaming::server::pipe::{IntoChunk, pipe};
use crate::streaming::server::sink::StreamSink;
use crate::streaming::server::upload_reader::{InboundUpload, UploadReader};

/// A channel of a server, created with [`StreamingHost::create`](crate::context::StreamingHost::create): streams of `T`
/// that clients subscribe to, and uploads of `T` by clients. Clones are cheap and share the channel.
///
/// Each stream has an id. Clients learn it by other means, for example as the result of a function.
///
/// ```
/// use devtools_runtime::streaming::ChannelOptions;
/// use devtools_runtime::{DevTools};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let devtools = DevTools::builder().build().await?;
/// let options = ChannelOptions::new().replay(100); // subscribers that join later miss nothing
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

impl<T> Channel<T> {
    pub(super) fn new(core: Arc<ChannelCore>) -> Self {
        Self {
            core,
            chunks: PhantomData,
        }
    }

    /// Returns the channel's name.
    pub fn name(&self) -> &str {
        &self.core.settings.name
    }

    /// Returns the ids of the streams that clients can subscribe to, sorted. They include ended streams that are
    /// still stored.
    pub fn ids(&self) -> Vec<String> {
        self.core.stream_ids()
    }

    /// Returns the counters of the channel.
    pub fn stats(&self) -> ChannelStats {
        self.core.stats()
    }

    /// Starts a stream under a new id.
    pub fn start(&self) -> StreamSink<T> {
        loop {
            // This fails only if the same 128 random bits were drawn before.
            if let Ok(sink) = self.start_with_id(&random_id()) {
                return sink;
            }
        }
    }

    /// Starts a stream under an id that clients know already.
    ///
    /// # Errors
    ///
    /// [`StartError::IdTaken`] if there is a stream of this id, even one that has ended and is still
    /// [stored](crate::streaming::ChannelOptions::retention). [`StartError::BadId`] if `id` cannot be an id.
    pub fn start_with_id(&self, id: &str) -> Result<StreamSink<T>, StartError> {
        self.core.start(id).map(StreamSink::new)
    }

    /// Starts a stream of the items of `stream`, and returns its id.
    ///
    /// The items are chunks, or results. The first error ends the stream for all subscribers, including those that join
    /// later. A task of the channel reads `stream`, as fast as the channel's
    /// [backpressure](crate::streaming::ChannelOptions::backpressure) allows, until it ends or no subscriber wants the
    /// rest.
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

    /// Does what [`pipe_from`](Self::pipe_from) does, under an id that clients know already.
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
        self.core.spawn(pipe(sink, stream));
    }

    /// Opens an upload under a new id, which the program sends to a client.
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
    /// [`StartError::IdTaken`] if an upload of this id is open. [`StartError::BadId`] if `id` cannot be an id.
    pub fn open_inbound_with_id(&self, id: &str) -> Result<UploadReader<T>, StartError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let upload = self.core.open(id, InboundUpload::new)?;
        Ok(UploadReader::new(upload))
    }
}

#[cfg(feature = "typescript")]
impl<T: schemars::JsonSchema> Channel<T> {
    /// Adds the type of the chunks to the TypeScript declarations, which show `unknown` otherwise. A channel that
    /// [`rpc_channel`](macro@crate::rpc_channel) declares has its type without this.
    ///
    /// ```
    /// # use devtools_runtime::streaming::{ChannelError, ChannelOptions};
    /// # use devtools_runtime::{DevToolsContext};
    /// # fn example(ctx: &DevToolsContext) -> Result<(), ChannelError> {
    /// let streaming = ctx.rpc().streaming();
    /// let lines = streaming.create::<String>("my-plugin:lines", ChannelOptions::new())?.described();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn described(self) -> Self {
        // All handles of a channel have the same type, so the description never changes.
        let _ = self.core.describe.set(crate::function::describe::<T>);
        self
    }
}

/// Returns 128 random bits as hexadecimal digits. If the operating system has no randomness, the bits come from the seed of
/// hash maps: such an id can be guessed, but is still unique.
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

crate::debug_impl! { <T> Channel<T> as it = it.core }

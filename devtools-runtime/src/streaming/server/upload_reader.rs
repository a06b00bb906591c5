//! The server's reader of uploads.
//!
//! Chunks are decoded as they arrive, in the task of the connection, and wait for their reader in a bounded [`Queue`]. The
//! session that sends the first chunk owns the upload. The uploads of other sessions are cancelled.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use crate::function::RemoteError;
use crate::mutex::Mutex;
use crate::peer::Peer;
use crate::protocol::streaming::{Room, UploadCancel};
use crate::streaming::error::StreamError;
use crate::streaming::message::{self, StreamMessage};
use crate::streaming::options::WhenUploadFull;
use crate::streaming::queue::{Order, Pushed, Queue, QueueLimits, size_of_message};
use crate::streaming::server::settings::{ChannelSettings, Holder};
use crate::wire::Encoding;

/// An upload, without the type of its chunks.
pub(super) trait Upload: Send + Sync {
    /// Adds a chunk from a message whose arguments have this size.
    fn chunk(&self, session: u64, peer: &Peer, message: &StreamMessage<'_>, size: usize);

    /// Ends the upload, because its uploader has ended it.
    fn end(&self, session: u64, error: Option<RemoteError>);

    /// Ends the upload if it belongs to this session, which has ended.
    fn leave(&self, session: u64);

    /// Waits for room, and returns how much there is. Returns `None` if the upload has ended or belongs to another session.
    fn room(
        self: Arc<Self>,
        session: u64,
        peer: &Peer,
    ) -> Pin<Box<dyn Future<Output = Option<Room>> + Send>>;

    /// Returns the progress: the chunks and bytes that have arrived.
    #[cfg(feature = "inspector")]
    fn progress(&self) -> UploadProgress;

    /// Ends the upload for its reader with this error, and tells the uploader that it is cancelled.
    #[cfg(feature = "inspector")]
    fn stop(&self, error: RemoteError);
}

/// The progress of an open upload.
#[cfg(feature = "inspector")]
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UploadProgress {
    pub(crate) id: String,
    /// The session that uploads. `None` before the first chunk.
    pub(crate) session: Option<u64>,
    pub(crate) chunks: u64,
    /// The bytes of their messages.
    pub(crate) bytes: u64,
    /// The chunks that wait for the reader.
    pub(crate) waiting: usize,
    /// The milliseconds since the upload was opened.
    pub(crate) age: f64,
}

/// An open upload: the queue of its chunks, and the session that it belongs to.
pub(super) struct InboundUpload<T> {
    channel: Weak<dyn Holder>,
    name: Arc<str>,
    id: String,
    queue: Queue<T>,
    owner: Mutex<Option<Owner>>,
    #[cfg(feature = "inspector")]
    arrived: UploadCounters,
}

/// The counters of an upload.
#[cfg(feature = "inspector")]
struct UploadCounters {
    opened: std::time::Instant,
    chunks: std::sync::atomic::AtomicU64,
    bytes: std::sync::atomic::AtomicU64,
}

/// The session that an upload belongs to.
struct Owner {
    session: u64,
    peer: Peer,
}

/// An upload of a client, from [`Channel::open_inbound`](crate::streaming::Channel::open_inbound): a [`Stream`] of chunks.
///
/// It belongs to the client whose chunk arrives first; others are refused. Dropping the reader before the upload has ended
/// cancels the upload.
///
/// ```
/// # use devtools_runtime::DevTools;
/// # use devtools_runtime::streaming::ChannelOptions;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().build().await?;
/// # let rpc = devtools.client();
/// # let channel = devtools.context().rpc().streaming().create::<u32>("my-plugin:samples", ChannelOptions::new())?;
/// let mut upload = channel.open_inbound(); // on the server, which tells the client the id
///
/// let mut sink = rpc.streaming().upload::<u32>("my-plugin:samples", upload.id());
/// sink.write(&1).await?;
/// sink.write(&2).await?;
/// sink.close().await?;
///
/// let mut sum = 0;
/// while let Some(sample) = upload.next().await {
///     sum += sample?;
/// }
/// assert_eq!(sum, 3);
/// # Ok(())
/// # }
/// ```
pub struct UploadReader<T> {
    core: Arc<InboundUpload<T>>,
}

impl<T> InboundUpload<T> {
    pub(super) fn new(
        settings: &ChannelSettings,
        channel: Weak<dyn Holder>,
        id: String,
    ) -> Arc<Self> {
        let options = settings.options.upload;
        let bounds = QueueLimits {
            chunks: options.chunks,
            bytes: options.bytes,
            drop_oldest: options.when_full == WhenUploadFull::DropOldest,
        };
        Arc::new(Self {
            channel,
            name: Arc::clone(&settings.name),
            id,
            queue: Queue::new(bounds, Order::Mixed),
            owner: Mutex::new(None),
            #[cfg(feature = "inspector")]
            arrived: UploadCounters {
                opened: std::time::Instant::now(),
                chunks: std::sync::atomic::AtomicU64::new(0),
                bytes: std::sync::atomic::AtomicU64::new(0),
            },
        })
    }

    /// Returns whether the upload belongs to this session. An upload without an owner belongs to it from now on. Another
    /// session gets a cancellation.
    fn is_owned_by(&self, session: u64, peer: &Peer) -> bool {
        let mut owner = self.owner.lock();
        let owner = owner.get_or_insert_with(|| Owner {
            session,
            peer: peer.clone(),
        });
        let is_owned = owner.session == session;
        if !is_owned {
            tracing::debug!(
                session,
                channel = &*self.name,
                stream = self.id,
                "refused an upload that belongs to another session"
            );
            self.tell_cancelled(peer);
        }
        is_owned
    }

    fn tell_cancelled(&self, peer: &Peer) {
        let clone = Encoding::StructuredClone;
        if let Ok(frame) = message::event::<UploadCancel>(clone, &(&*self.name, &*self.id)) {
            peer.send_or_close(frame);
        }
    }

    /// Sends the cancellation to the uploader, and removes the upload.
    fn cancel(&self) {
        if let Some(owner) = &*self.owner.lock() {
            self.tell_cancelled(&owner.peer);
        }
        self.forget();
    }

    fn forget(&self) {
        if let Some(channel) = self.channel.upgrade() {
            channel.forget_upload(&self.id);
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Upload for InboundUpload<T> {
    fn chunk(&self, session: u64, peer: &Peer, message: &StreamMessage<'_>, size: usize) {
        if !self.is_owned_by(session, peer) {
            return;
        }
        let Ok(seq) = message.argument(0).read::<u64>() else {
            tracing::debug!(session, "dropped a chunk without a number");
            return;
        };
        if !self.queue.wants(seq) {
            return;
        }
        #[cfg(feature = "inspector")]
        self.arrived.count(size);
        let chunk = message.argument(1).read::<T>();
        let chunk = chunk.map_err(|error| StreamError::Decode(error.into()));
        if self.queue.push(seq, chunk, size_of_message(size)) == Pushed::Overflow {
            tracing::debug!(
                session,
                channel = &*self.name,
                stream = self.id,
                "an upload is not read fast enough"
            );
            self.cancel();
        }
    }

    fn end(&self, session: u64, error: Option<RemoteError>) {
        let is_owned = match &*self.owner.lock() {
            Some(owner) => owner.session == session,
            // An upload without a chunk has no owner.
            None => true,
        };
        if is_owned {
            self.queue.end(error.map(StreamError::Failed));
            self.forget();
        }
    }

    fn leave(&self, session: u64) {
        let is_owned = {
            let owner = self.owner.lock();
            owner.as_ref().is_some_and(|owner| owner.session == session)
        };
        if is_owned {
            self.queue.end(Some(StreamError::UploadDisconnected));
            self.forget();
        }
    }

    fn room(
        self: Arc<Self>,
        session: u64,
        peer: &Peer,
    ) -> Pin<Box<dyn Future<Output = Option<Room>> + Send>> {
        // The session that asks for room is the one that uploads.
        let is_owned = self.is_owned_by(session, peer);
        Box::pin(async move {
            if !is_owned {
                return None;
            }
            self.queue.room().await
        })
    }

    #[cfg(feature = "inspector")]
    fn progress(&self) -> UploadProgress {
        use std::sync::atomic::Ordering::Relaxed;

        let arrived = &self.arrived;
        UploadProgress {
            id: self.id.clone(),
            session: self.owner.lock().as_ref().map(|owner| owner.session),
            chunks: arrived.chunks.load(Relaxed),
            bytes: arrived.bytes.load(Relaxed),
            waiting: self.queue.waiting(),
            age: arrived.opened.elapsed().as_secs_f64() * 1000.0,
        }
    }

    #[cfg(feature = "inspector")]
    fn stop(&self, error: RemoteError) {
        self.queue.end(Some(StreamError::Failed(error)));
        self.cancel();
    }
}

#[cfg(feature = "inspector")]
impl UploadCounters {
    fn count(&self, size: usize) {
        use std::sync::atomic::Ordering::Relaxed;

        self.chunks.fetch_add(1, Relaxed);
        self.bytes.fetch_add(size as u64, Relaxed);
    }
}

impl<T> UploadReader<T> {
    pub(super) fn new(core: Arc<InboundUpload<T>>) -> Self {
        Self { core }
    }

    /// Returns the name of the upload's channel.
    pub fn channel(&self) -> &str {
        &self.core.name
    }

    /// Returns the id by which a client uploads.
    pub fn id(&self) -> &str {
        &self.core.id
    }

    /// Returns the next chunk, or `None` when the upload has ended.
    ///
    /// # Errors
    ///
    /// The error that the uploader ended it with; [`StreamError::UploadDisconnected`] if it disconnected before the end;
    /// [`StreamError::Overflow`] or [`StreamError::Gap`] if the upload is read too slowly; [`StreamError::Decode`] for a
    /// chunk that is not a `T`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no chunk.
    pub async fn next(&mut self) -> Option<Result<T, StreamError>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// Cancels the upload. Dropping the reader does the same.
    pub fn cancel(self) {}

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<T, StreamError>>> {
        let out = self.core.queue.poll_next(context);
        out.map(|out| out.map(|out| out.item))
    }
}

impl<T> Stream for UploadReader<T> {
    type Item = Result<T, StreamError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl<T> Drop for UploadReader<T> {
    fn drop(&mut self) {
        if !self.core.queue.is_ended() {
            self.core.queue.end(None);
            self.core.cancel();
        }
    }
}

crate::debug_impl! { <T> UploadReader<T> as it { id: it.id(), waiting: it.core.queue.waiting(), .. } }

//! The server's writer of streams.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;

use crate::function::RemoteError;
use crate::streaming::error::WriteError;
use crate::streaming::server::cancellation::{CancelReason, Cancellation};
use crate::streaming::server::stream::{AppendResult, StreamCore};

/// The writing end of a stream, from [`Channel::start`](crate::streaming::Channel::start).
///
/// Dropping it before the stream has ended ends the stream with an error named `StreamDropped`.
///
/// ```
/// # use devtools_runtime::DevTools;
/// # use devtools_runtime::streaming::{Channel, ChannelOptions};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().build().await?;
/// # let channel = devtools.context().rpc().streaming().create("my-plugin:log", ChannelOptions::new())?;
/// let sink = channel.start();
/// tokio::spawn(async move {
///     for line in 0.. {
///         tokio::select! {
///             _reason = sink.cancelled() => break, // no subscriber reads it any more
///             written = sink.write(&line) => written?,
///         }
/// #       if line == 3 { break; }
///     }
///     sink.close();
///     Ok::<_, devtools_runtime::streaming::WriteError>(())
/// });
/// # Ok(())
/// # }
/// ```
pub struct StreamSink<T> {
    core: Arc<StreamCore>,
    chunks: PhantomData<fn(T)>,
}

impl<T> StreamSink<T> {
    pub(super) fn new(core: Arc<StreamCore>) -> Self {
        Self {
            core,
            chunks: PhantomData,
        }
    }

    /// Returns the name of the stream's channel.
    pub fn channel(&self) -> &str {
        self.core.channel()
    }

    /// Returns the id by which clients subscribe.
    pub fn id(&self) -> &str {
        self.core.id()
    }

    /// Resolves when no subscriber wants the rest: the last subscriber has cancelled, or has disconnected and not
    /// reconnected within [`linger`](crate::streaming::ChannelOptions::linger). A stream that never had a subscriber is not
    /// cancelled.
    ///
    /// It only informs the producer: chunks that are written afterwards are still stored for subscribers that join later.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn cancelled(&self) -> CancelReason {
        self.core.cancellation.cancelled().await
    }

    /// Returns the same signal as a value that can be cloned and passed to other tasks.
    pub fn cancellation(&self) -> Cancellation {
        self.core.cancellation.clone()
    }

    /// Ends the stream.
    pub fn close(self) {
        self.core.end(None);
    }

    /// Ends the stream with an error: a [`js::Error`](crate::js::Error) with a name, any
    /// [`RpcError`](trait@crate::RpcError), or a text. Subscribers get it after the last chunk, including those that join
    /// later ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
    pub fn error(self, error: impl Into<RemoteError>) {
        self.core.end(Some(&error.into()));
    }
}

impl<T: Serialize> StreamSink<T> {
    /// Writes a chunk to all subscribers. It is serialized once, or not at all if no subscriber can get it.
    ///
    /// With [`Backpressure::Wait`](crate::streaming::Backpressure::Wait) it waits for subscribers whose queue is full.
    ///
    /// # Errors
    ///
    /// [`WriteError::Encode`] if the chunk cannot be serialized, [`WriteError::TooLarge`] if its frame is too large. The
    /// stream is then as it was.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it has resolved discards the chunk.
    pub async fn write(&self, chunk: &T) -> Result<(), WriteError> {
        // Yields now and then, so that a producer that never waits lets other tasks run, too.
        tokio::task::coop::consume_budget().await;
        loop {
            // Registered before the attempt, so that no notification is missed.
            let room = self.core.room();
            match self.core.append(chunk)? {
                AppendResult::Yes => return Ok(()),
                AppendResult::Full => {
                    let patience = self.core.patience();
                    if tokio::time::timeout(patience, room).await.is_err() {
                        self.core.close_full();
                    }
                }
            }
        }
    }

    /// Writes a chunk to all subscribers without waiting, for code that is not `async`.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), and [`WriteError::Full`] if `write` would wait.
    pub fn try_write(&self, chunk: &T) -> Result<(), WriteError> {
        match self.core.append(chunk)? {
            AppendResult::Yes => Ok(()),
            AppendResult::Full => Err(WriteError::Full),
        }
    }
}

impl<T> Drop for StreamSink<T> {
    fn drop(&mut self) {
        // Has no effect on a stream that has ended.
        self.core.end_dropped();
    }
}

crate::debug_impl! { <T> StreamSink<T> as it { id: it.id(), cancelled: it.core.cancellation.reason(), .. } }

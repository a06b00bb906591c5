//! Pipes a stream of the program into a stream of a channel.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_core::Stream;
use futures_util::FutureExt as _;
use serde::Serialize;

use crate::function::{FailedCall, RemoteError};
use crate::streaming::server::sink::StreamSink;

/// An item of a stream that is piped into a channel of `T`: a `T`, or a [`Result`] whose error ends the stream.
///
/// ```
/// use devtools_runtime::streaming::ChannelOptions;
/// use devtools_runtime::{DevTools, RemoteError};
/// use futures_util::stream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let streaming = devtools.context().rpc().streaming();
/// let lines = streaming.create::<String>("my-plugin:lines", ChannelOptions::new().replay(10))?;
/// lines.pipe_from(stream::iter(["one".to_owned(), "two".to_owned()]));
///
/// // An error ends the stream for its subscribers.
/// let failing = [Ok("one".to_owned()), Err(RemoteError::new("the file was removed"))];
/// lines.pipe_from(stream::iter(failing));
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chunk of a channel of `{T}`",
    note = "a stream of `{T}` can be piped, or one of `Result<{T}, E>` where `E` becomes a `RemoteError`"
)]
pub trait IntoChunk<T>: Send {
    /// Returns the chunk, or the error that ends the stream.
    #[doc(hidden)]
    fn into_chunk(self) -> Result<T, RemoteError>;
}

impl<T: Send> IntoChunk<T> for T {
    fn into_chunk(self) -> Result<T, RemoteError> {
        Ok(self)
    }
}

impl<T: Send, E: Into<RemoteError> + Send> IntoChunk<T> for Result<T, E> {
    fn into_chunk(self) -> Result<T, RemoteError> {
        self.map_err(Into::into)
    }
}

/// Writes the items of `stream`, until it ends or no subscriber wants the rest.
pub(super) async fn pipe<T, S>(sink: StreamSink<T>, stream: S)
where
    T: Serialize + Send + Sync,
    S: Stream<Item: IntoChunk<T>> + Send,
{
    let cancellation = sink.cancellation();
    let write = async {
        let mut stream = pin!(stream);
        while let Some(item) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            let written = match item.into_chunk() {
                Ok(chunk) => sink.write(&chunk).await,
                Err(error) => return Some(error),
            };
            if let Err(error) = written {
                tracing::warn!(
                    stream = sink.id(),
                    error = &error as &dyn std::error::Error,
                    "an item of a piped stream could not be written"
                );
                return Some(RemoteError::new(error.to_string()));
            }
        }
        None
    };
    let result = tokio::select! {
        // The cancellation is polled first, because a stream may always have another item.
        biased;
        reason = cancellation.cancelled() => Err(reason),
        // Subscribers do not get the message of a panic, which may be confidential.
        written = AssertUnwindSafe(write).catch_unwind() => Ok(written.unwrap_or_else(|panic| {
            let message = FailedCall::of(sink.id()).conceal_panic(&*panic);
            Some(RemoteError::new(message))
        })),
    };
    match result {
        Ok(None) => sink.close(),
        Ok(Some(error)) => sink.error(error),
        Err(reason) => sink.error(RemoteError::named("StreamCancelled", reason.to_string())),
    }
}

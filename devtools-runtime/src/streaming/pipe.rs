//! Writing what a stream gives.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use futures_core::Stream;
use serde::Serialize;

use crate::function::{FailedCall, RemoteError};
use crate::streaming::StreamSink;

/// What a stream may give that is piped into a channel of `T`: a `T`, or a [`Result`] whose error ends it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no chunk of a channel of `{T}`",
    note = "a stream of `{T}` can be piped, or one of `Result<{T}, E>` where `E` becomes a `RemoteError`"
)]
pub trait IntoChunk<T>: Send {
    /// The chunk, or the error in its place.
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

/// Writes what `stream` gives, until it ends or nobody wants the rest.
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
                    "what is piped cannot be written"
                );
                return Some(RemoteError::new(error.to_string()));
            }
        }
        None
    };
    let ended = {
        let mut write = pin!(write);
        // The text of a panic is not for subscribers.
        let write = poll_fn(|context| {
            let polled = catch_unwind(AssertUnwindSafe(|| write.as_mut().poll(context)));
            polled.unwrap_or_else(|panic| {
                let message = FailedCall::of(sink.id()).conceal_panic(&*panic);
                Poll::Ready(Some(RemoteError::new(message)))
            })
        });
        tokio::select! {
            // First: a stream may always have more.
            biased;
            reason = cancellation.cancelled() => Err(reason),
            error = write => Ok(error),
        }
    };
    match ended {
        Ok(None) => sink.close(),
        Ok(Some(error)) => sink.error(error),
        Err(reason) => sink.error(RemoteError {
            name: "StreamCancelled".to_owned(),
            ..RemoteError::new(reason.to_string())
        }),
    }
}

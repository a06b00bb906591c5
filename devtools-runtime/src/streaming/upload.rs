//! Uploading to the server.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use futures_sink::Sink;
use serde::Serialize;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::function::{CallError, RemoteError};
use crate::peer::{CallingOptional, Enqueue, Frame};
use crate::protocol::streaming::UploadRoom;
use crate::streaming::client::{Key, Readers, Refused};
use crate::streaming::{UploadError, message};

/// What a client uploads, from [`StreamingClient::upload`](crate::streaming::StreamingClient::upload): a [`Sink`] of chunks.
///
/// A Rust server says how much it has room for, and the sink waits for that. A JavaScript server does not, and drops
/// what it cannot take ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)). With its connection an upload is lost. Dropping it before it was closed ends
/// it with an error named `UploadDropped`.
///
/// ```no_run
/// # use devtools_runtime::DevToolsRpcClient;
/// # use devtools_runtime::streaming::UploadError;
/// # async fn example(rpc: DevToolsRpcClient, id: &str) -> Result<(), UploadError> {
/// let mut upload = rpc.streaming().upload("my-plugin:samples", id);
/// for sample in [1, 2, 3] {
///     upload.send(sample).await?;
/// }
/// upload.close().await
/// # }
/// ```
pub struct UploadSink<T> {
    readers: Arc<Readers>,
    key: Key,
    state: Arc<UploadState>,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    credit: Credit,
    /// The number of the last chunk.
    seq: u64,
    /// The frame that is to be queued.
    outgoing: Option<Enqueue>,
    /// Whether the server was told that this is all.
    ended: bool,
    chunks: PhantomData<fn(T)>,
}

/// Whether an upload goes on.
#[derive(Debug, Default)]
pub(super) struct UploadState {
    token: CancellationToken,
    /// Set before the token is cancelled.
    stop: OnceLock<Stop>,
}

/// Why an upload does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Unknown,
    AlreadyOpen,
    Disconnected,
}

/// How much may be sent.
enum Credit {
    /// It is not known yet.
    Unknown,
    /// The server was asked.
    Asked(CallingOptional<UploadRoom>),
    Left {
        items: u64,
        bytes: u64,
    },
    /// The server does not say.
    Unlimited,
}

impl UploadState {
    /// The first reason counts.
    pub(super) fn stop(&self, stop: Stop) {
        let _ = self.stop.set(stop);
        self.token.cancel();
    }
}

impl<T> UploadSink<T> {
    pub(super) fn new(readers: &Arc<Readers>, key: Key) -> Self {
        let state = Arc::new(UploadState::default());
        match readers.add_upload(&key, &state) {
            Ok(()) => {}
            Err(Refused::Taken) => state.stop(Stop::AlreadyOpen),
            Err(Refused::Closed) => state.stop(Stop::Disconnected),
        }
        Self {
            readers: Arc::clone(readers),
            key,
            stopped: Box::pin(state.token.clone().cancelled_owned()),
            state,
            credit: Credit::Unknown,
            seq: 0,
            outgoing: None,
            ended: false,
            chunks: PhantomData,
        }
    }

    /// The upload's channel.
    pub fn channel(&self) -> &str {
        &self.key.0
    }

    /// The upload's id in its channel.
    pub fn id(&self) -> &str {
        &self.key.1
    }

    /// Resolves once the upload cannot go on: the server wants no more of it, or the connection is lost. What is sent
    /// then fails, and says which.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost by dropping the future.
    pub async fn cancelled(&self) {
        self.state.token.cancelled().await;
    }

    /// Ends the upload: that was all. Resolves once that is queued.
    ///
    /// # Errors
    ///
    /// If the upload cannot go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the upload with an error, unless the end is queued already.
    pub async fn close(mut self) -> Result<(), UploadError> {
        poll_fn(|context| self.poll_end(context, None)).await
    }

    /// Ends the upload with an error, for its reader. Resolves once that is queued.
    ///
    /// # Errors
    ///
    /// If the upload cannot go on.
    ///
    /// # Cancel safety
    ///
    /// As [`close`](Self::close).
    pub async fn fail(mut self, error: impl Into<RemoteError> + Send) -> Result<(), UploadError> {
        let error = error.into();
        poll_fn(|context| self.poll_end(context, Some(&error))).await
    }

    /// The error of an upload that does not go on.
    fn check(&mut self, context: &mut Context<'_>) -> Result<(), UploadError> {
        // Polled, so that whoever waits is woken.
        if self.state.token.is_cancelled() || self.stopped.as_mut().poll(context).is_ready() {
            return Err(match self.state.stop.get() {
                Some(Stop::Cancelled) => UploadError::Cancelled,
                Some(Stop::Unknown) => UploadError::Unknown(self.key.1.clone()),
                Some(Stop::AlreadyOpen) => UploadError::AlreadyOpen,
                Some(Stop::Disconnected) | None => UploadError::Disconnected,
            });
        }
        Ok(())
    }

    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<(), UploadError>> {
        loop {
            self.check(context)?;
            ready!(self.poll_outgoing(context))?;
            match &mut self.credit {
                Credit::Unlimited => return Poll::Ready(Ok(())),
                Credit::Left { items, bytes } if *items > 0 && *bytes > 0 => {
                    return Poll::Ready(Ok(()));
                }
                Credit::Unknown | Credit::Left { .. } => {
                    let asked = self.readers.peer().call_optional(&self.key);
                    self.credit = Credit::Asked(asked);
                }
                Credit::Asked(asked) => {
                    let granted = ready!(Pin::new(asked).poll(context));
                    self.credit = match granted {
                        Ok(Some(granted)) if granted.open => Credit::Left {
                            items: granted.items,
                            bytes: granted.bytes,
                        },
                        Ok(Some(_)) => {
                            // One that was there before was cancelled, which is about to be said.
                            let was_open = self.seq > 0;
                            self.state.stop(if was_open {
                                Stop::Cancelled
                            } else {
                                Stop::Unknown
                            });
                            Credit::Unknown
                        }
                        Ok(None) => Credit::Unlimited,
                        Err(CallError::Disconnected(_)) => {
                            self.state.stop(Stop::Disconnected);
                            Credit::Unknown
                        }
                        Err(error) => {
                            tracing::debug!(%error, "the server does not say what it has room for");
                            Credit::Unlimited
                        }
                    };
                }
            }
        }
    }

    fn poll_outgoing(&mut self, context: &mut Context<'_>) -> Poll<Result<(), UploadError>> {
        if let Some(outgoing) = &mut self.outgoing {
            let queued = ready!(outgoing.poll(context));
            self.outgoing = None;
            queued.map_err(|()| UploadError::Disconnected)?;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_end(
        &mut self,
        context: &mut Context<'_>,
        error: Option<&RemoteError>,
    ) -> Poll<Result<(), UploadError>> {
        self.check(context)?;
        ready!(self.poll_outgoing(context))?;
        if !self.ended {
            self.ended = true;
            self.readers.remove_upload(&self.key, &self.state);
            if let Some(frame) = message::upload_end(&self.key.0, &self.key.1, error) {
                self.queue(frame);
            }
        }
        self.poll_outgoing(context)
    }

    fn queue(&mut self, frame: Frame) {
        self.outgoing = Some(Enqueue::new(self.readers.peer().queue(), frame));
    }
}

impl<T: Serialize> UploadSink<T> {
    /// Uploads a chunk. Resolves once it is queued, which waits for the server to have room if it says so.
    ///
    /// # Errors
    ///
    /// If the chunk cannot be written or is too large, which leaves the upload as it was; or if the upload cannot go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it has resolved leaves the chunk out, or has it queued with the next one.
    pub async fn send(&mut self, chunk: T) -> Result<(), UploadError> {
        poll_fn(|context| self.poll_room(context)).await?;
        self.begin(&chunk)?;
        poll_fn(|context| self.poll_outgoing(context)).await
    }

    fn begin(&mut self, chunk: &T) -> Result<(), UploadError> {
        let (channel, id) = &self.key;
        let seq = self.seq + 1;
        let frame = message::upload_chunk(channel, id, seq, chunk)
            .map_err(|error| UploadError::Encode(error.into()))?;
        let size = frame.len();
        if let Some(limit) = self.readers.peer().exceeded_by(size) {
            return Err(UploadError::TooLarge { size, limit });
        }
        self.seq = seq;
        if let Credit::Left { items, bytes } = &mut self.credit {
            *items = items.saturating_sub(1);
            *bytes = bytes.saturating_sub(size as u64);
        }
        self.queue(frame);
        Ok(())
    }
}

impl<T: Serialize> Sink<T> for UploadSink<T> {
    type Error = UploadError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), UploadError>> {
        self.poll_room(context)
    }

    fn start_send(mut self: Pin<&mut Self>, chunk: T) -> Result<(), UploadError> {
        self.begin(&chunk)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), UploadError>> {
        self.check(context)?;
        self.poll_outgoing(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), UploadError>> {
        self.poll_end(context, None)
    }
}

impl<T> Drop for UploadSink<T> {
    fn drop(&mut self) {
        if self.ended || self.state.token.is_cancelled() {
            return;
        }
        self.readers.remove_upload(&self.key, &self.state);
        let error = RemoteError {
            name: "UploadDropped".to_owned(),
            ..RemoteError::new("the uploader dropped the upload before it had ended")
        };
        if let Some(frame) = message::upload_end(&self.key.0, &self.key.1, Some(&error)) {
            self.readers.send_last(frame);
        }
    }
}

impl<T> fmt::Debug for UploadSink<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadSink")
            .field("channel", &self.channel())
            .field("id", &self.id())
            .field("chunks", &self.seq)
            .finish_non_exhaustive()
    }
}

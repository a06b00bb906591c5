//! The client's writer of uploads.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;
use serde::Serialize;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::function::{CallError, RemoteError};
use crate::peer::{CallingOptional, Enqueue, Frame};
use crate::protocol::streaming::UploadRoom;
use crate::streaming::client::stop::{Stop, UploadSignal};
use crate::streaming::client::streams::{ClientStreams, NotAdded, StreamKey};
use crate::streaming::error::UploadError;
use crate::streaming::message;

/// The writing end of an upload, from [`StreamingClient::upload`](crate::streaming::StreamingClient::upload): a [`Sink`] of
/// chunks.
///
/// A Rust server announces how much room it has, and the sink waits for room. A JavaScript server does not, and drops the
/// chunks that exceed its limit ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)). An upload ends with its connection. Dropping the sink before the upload has ended ends
/// it with an error named `UploadDropped`.
///
/// ```no_run
/// # use devtools_runtime::DevToolsRpcClient;
/// # use devtools_runtime::streaming::UploadError;
/// # async fn example(rpc: DevToolsRpcClient, id: &str) -> Result<(), UploadError> {
/// let mut upload = rpc.streaming().upload("my-plugin:samples", id);
/// for sample in [1, 2, 3] {
///     upload.write(&sample).await?;
/// }
/// upload.close().await
/// # }
/// ```
pub struct UploadSink<T> {
    streams: Arc<ClientStreams>,
    key: StreamKey,
    signal: Arc<UploadSignal>,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    credit: Credit,
    /// The number of the last chunk.
    seq: u64,
    /// The frame that waits for room in the queue of the connection.
    outgoing: Option<Enqueue>,
    /// Whether the message that ends the upload was sent.
    ended: bool,
    chunks: PhantomData<fn(T)>,
}

/// The room that the server has left for chunks.
enum Credit {
    /// The server was not asked yet.
    Unknown,
    /// The server was asked.
    Asked(CallingOptional<UploadRoom>),
    Left {
        items: u64,
        bytes: u64,
    },
    /// The server does not announce its room.
    Unlimited,
}

impl<T> UploadSink<T> {
    pub(super) fn new(streams: &Arc<ClientStreams>, key: StreamKey) -> Self {
        let signal = Arc::new(UploadSignal::default());
        match streams.add_upload(&key, &signal) {
            Ok(()) => {}
            Err(NotAdded::Taken) => signal.give(Stop::AlreadyOpen),
            Err(NotAdded::Closed) => signal.give(Stop::Disconnected),
        }
        Self {
            streams: Arc::clone(streams),
            key,
            stopped: Box::pin(signal.given_owned()),
            signal,
            credit: Credit::Unknown,
            seq: 0,
            outgoing: None,
            ended: false,
            chunks: PhantomData,
        }
    }

    /// Returns the name of the upload's channel.
    pub fn channel(&self) -> &str {
        &self.key.0
    }

    /// Returns the upload's id in its channel.
    pub fn id(&self) -> &str {
        &self.key.1
    }

    /// Resolves when the upload cannot go on, because the server has cancelled it or the connection is lost. Writing then
    /// fails with the reason.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn cancelled(&self) {
        self.signal.given().await;
    }

    /// Ends the upload. Resolves when the end is queued.
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

    /// Ends the upload with an error for its reader. Resolves when the end is queued.
    ///
    /// # Errors
    ///
    /// If the upload cannot go on.
    ///
    /// # Cancel safety
    ///
    /// As [`close`](Self::close).
    pub async fn error(mut self, error: impl Into<RemoteError> + Send) -> Result<(), UploadError> {
        let error = error.into();
        poll_fn(|context| self.poll_end(context, Some(&error))).await
    }

    /// Returns an error if the upload cannot go on.
    fn check(&mut self, context: &mut Context<'_>) -> Result<(), UploadError> {
        // Polled here to register the waker of the waiting task.
        if self.signal.is_given() || self.stopped.as_mut().poll(context).is_ready() {
            return Err(match self.signal.reason() {
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
                    let asked = self.streams.peer().call_optional(&self.key);
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
                            // The server has cancelled an upload that was open before. Its message about that has not
                            // arrived yet.
                            let was_open = self.seq > 0;
                            self.signal.give(if was_open {
                                Stop::Cancelled
                            } else {
                                Stop::Unknown
                            });
                            Credit::Unknown
                        }
                        Ok(None) => Credit::Unlimited,
                        Err(CallError::Disconnected(_)) => {
                            self.signal.give(Stop::Disconnected);
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
            self.streams.remove_upload(&self.key, &self.signal);
            if let Some(frame) = message::upload_end(&self.key.0, &self.key.1, error) {
                self.queue(frame);
            }
        }
        self.poll_outgoing(context)
    }

    fn queue(&mut self, frame: Frame) {
        self.outgoing = Some(Enqueue::new(self.streams.peer().queue(), frame));
    }
}

impl<T: Serialize> UploadSink<T> {
    /// Writes a chunk. Resolves when the chunk is queued. If the server announces its room, this waits until it has room.
    ///
    /// # Errors
    ///
    /// [`UploadError::Encode`] if the chunk cannot be serialized, [`UploadError::TooLarge`] if its frame is too large; the
    /// upload is then as it was. Another variant if the upload cannot go on.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it has resolved either discards the chunk, or leaves it to be queued with the next one.
    pub async fn write(&mut self, chunk: &T) -> Result<(), UploadError> {
        poll_fn(|context| self.poll_room(context)).await?;
        self.begin(chunk)?;
        poll_fn(|context| self.poll_outgoing(context)).await
    }

    fn begin(&mut self, chunk: &T) -> Result<(), UploadError> {
        let (channel, id) = &self.key;
        let seq = self.seq + 1;
        let frame = message::upload_chunk(channel, id, seq, chunk)
            .map_err(|error| UploadError::Encode(error.into()))?;
        let size = frame.len();
        if let Some(limit) = self.streams.peer().exceeded_by(size) {
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
        if self.ended || self.signal.is_given() {
            return;
        }
        self.streams.remove_upload(&self.key, &self.signal);
        let problem = "the uploader dropped the upload before it had ended";
        let error = RemoteError::named("UploadDropped", problem);
        if let Some(frame) = message::upload_end(&self.key.0, &self.key.1, Some(&error)) {
            self.streams.send_by_lane(frame);
        }
    }
}

crate::debug_impl! { <T> UploadSink<T> as it { channel: it.channel(), id: it.id(), chunks: it.seq, .. } }

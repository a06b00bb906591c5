//! A byte stream that can report its end without ending its readers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose other side may have stopped sending while it still reads.
///
/// tungstenite treats an end of the stream without a closing handshake as an error, and writes nothing afterwards. So if
/// `hides_end` is set, this stream stays pending after its end, and [`has_ended`](Self::has_ended) returns `true`.
#[derive(Debug)]
pub(super) struct HalfOpen<S> {
    stream: S,
    /// The bytes of the stream that were read before it was wrapped. They are read first.
    read_already: Vec<u8>,
    hides_end: bool,
    has_ended: bool,
}

impl<S> HalfOpen<S> {
    pub(super) fn new(stream: S, read_already: Vec<u8>, hides_end: bool) -> Self {
        Self {
            stream,
            read_already,
            hides_end,
            has_ended: false,
        }
    }

    /// Returns whether the other side has stopped sending. Readers of the stream do not see this end.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HalfOpen<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.read_already.is_empty() {
            let count = self.read_already.len().min(buffer.remaining());
            buffer.put_slice(&self.read_already[..count]);
            self.read_already.drain(..count);
            if self.read_already.is_empty() {
                self.read_already = Vec::new();
            }
            return Poll::Ready(Ok(()));
        }
        if self.has_ended {
            return Poll::Pending;
        }
        let (before, has_room) = (buffer.filled().len(), buffer.remaining() > 0);
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if self.hides_end && has_room && buffer.filled().len() == before {
            self.has_ended = true;
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HalfOpen<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

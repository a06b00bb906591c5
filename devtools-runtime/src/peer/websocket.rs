//! A WebSocket as a stream and sink of frames. Only this file and `frame.rs` name tungstenite.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Interval;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::peer::close::CloseReason;
use crate::peer::frame::{Frame, TransportError};
#[cfg(feature = "server")]
use crate::peer::guard::FrameRefused;
use crate::peer::half_open::HalfOpen;
use crate::peer::keep_alive::{Due, KeepAlive};
use crate::peer::limits::Limits;
use crate::peer::transport::{Transport, TransportPoll};

/// The read buffer of a connection, in bytes. tungstenite clears it before every read, and an idle
/// connection keeps it, so it is small.
const READ_BUFFER: usize = 4 * 1024;

/// The bytes of frames that are written without waiting for the flush. So the other side begins to read large frames while the
/// next ones are made. Much less would write a stream of small chunks more often.
const WRITE_BUFFER: usize = 32 * 1024;

/// The payload of pings ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).
const PING: &[u8] = b"crossws-ping";

/// The interval at which a server checks whether a client that has stopped sending still reads, while its calls run.
const PROBE_INTERVAL: Duration = Duration::from_millis(100);

/// The longest reason that fits into a close frame, in bytes of UTF-8.
const REASON: usize = 123;

/// A WebSocket over the byte stream `S`.
pub(crate) struct WebSocketTransport<S> {
    socket: WebSocketStream<HalfOpen<S>>,
    role: Role,
    keep_alive: KeepAlive,
    /// The close frame that is sent when this side closes.
    close_frame: Option<CloseFrame>,
    /// Whether this side has sent a close frame about an error, and now waits until the other side can have read it.
    lingers: bool,
    /// The timer for checking on a side that has stopped sending.
    probe: Option<Interval>,
}

fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(limits.frame_bytes))
        .max_frame_size(Some(limits.frame_bytes))
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// Makes the server's end of an upgraded stream. `read_already` are bytes that arrived after the handshake.
    #[cfg(feature = "server")]
    pub(crate) async fn server(stream: S, read_already: Vec<u8>, limits: &Limits) -> Self {
        let role = Role::Server;
        let stream = HalfOpen::new(stream, read_already, true);
        Self::new(stream, role, limits).await
    }

    /// Makes the client's end of an upgraded stream. `read_already` are bytes that arrived after the handshake.
    #[cfg(feature = "client")]
    pub(crate) async fn client(stream: S, read_already: Vec<u8>, limits: &Limits) -> Self {
        let role = Role::Client;
        let stream = HalfOpen::new(stream, read_already, false);
        Self::new(stream, role, limits).await
    }

    async fn new(stream: HalfOpen<S>, role: Role, limits: &Limits) -> Self {
        // `from_partially_read` is not used, because its read buffer starts without memory, and each later buffer is then
        // only as large as the frame in it.
        let socket = WebSocketStream::from_raw_socket(stream, role, Some(config(limits))).await;
        Self {
            socket,
            role,
            keep_alive: KeepAlive::new(limits.keep_alive),
            close_frame: None,
            lingers: false,
            probe: None,
        }
    }
}

/// Returns a new `Sec-WebSocket-Key` of a client.
#[cfg(feature = "client")]
pub(crate) fn request_key() -> String {
    tokio_tungstenite::tungstenite::handshake::client::generate_key()
}

/// Returns the answer to a client's `Sec-WebSocket-Key`.
#[cfg(any(feature = "server", feature = "client"))]
pub(crate) fn accept_key(key: &[u8]) -> String {
    tokio_tungstenite::tungstenite::handshake::derive_accept_key(key)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocketTransport<S> {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let message = match Pin::new(&mut self.socket).poll_next(context) {
                Poll::Ready(Some(Ok(message))) => message,
                Poll::Pending if self.socket.get_ref().has_ended() => return Poll::Ready(None),
                // The timer is polled only while nothing arrives, so that it costs a busy connection nothing.
                Poll::Pending if self.poll_dead(context)? => {
                    return Poll::Ready(Some(Err(TransportError::Dead)));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Err(error))) => {
                    self.send_close_code(&error, context);
                    return Poll::Ready(Some(Err(failed(error))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
            };
            self.keep_alive.heard();
            match message {
                Message::Text(text) => return Poll::Ready(Some(Ok(text.into()))),
                // Read as text, as the JavaScript server does (`docs/protocol.md` 2.1).
                Message::Binary(bytes) => {
                    if let Ok(text) = Utf8Bytes::try_from(bytes) {
                        return Poll::Ready(Some(Ok(text.into())));
                    }
                    tracing::debug!("dropped a binary message that is no UTF-8");
                }
                // tungstenite answers pings and the other side's close by itself, on later polls.
                Message::Close(Some(CloseFrame { code, reason })) => {
                    tracing::debug!(
                        code = u16::from(code),
                        reason = reason.as_str(),
                        "the other side closes"
                    );
                    if code == CloseCode::Size {
                        // Flushes the answer to the close frame. The result does not matter, because the connection ends.
                        let _ = Pin::new(&mut self.socket).poll_flush(context);
                        return Poll::Ready(Some(Err(TransportError::Refused)));
                    }
                }
                Message::Ping(_) | Message::Pong(_) | Message::Close(None) | Message::Frame(_) => {}
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// Sends a ping if it is time for one. Returns whether nothing has arrived since the last ping.
    fn poll_dead(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        match self.keep_alive.poll_due(context) {
            Poll::Pending => Ok(false),
            Poll::Ready(Due::Dead) => Ok(true),
            Poll::Ready(Due::Ping) => {
                self.ping()?;
                // Pending or not, the rest is written with the next frame.
                let _ = Pin::new(&mut self.socket)
                    .poll_flush(context)
                    .map_err(failed)?;
                Ok(false)
            }
        }
    }

    fn ping(&mut self) -> Result<(), TransportError> {
        let ping = Message::Ping(PING.into());
        Pin::new(&mut self.socket).start_send(ping).map_err(failed)
    }

    /// Sends a close frame that explains the error, if one should be sent. Failures are ignored, because the connection
    /// ends anyway.
    fn send_close_code(&mut self, error: &Error, context: &mut Context<'_>) {
        let Some(frame) = close_frame_for(error) else {
            return;
        };
        let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        let _ = Pin::new(&mut self.socket).poll_flush(context);
        self.lingers = self.role == Role::Server;
    }

    /// Sends a pong from time to time to a side that has stopped sending: only a failed write shows that it is gone. A ping
    /// would ask for an answer, which it cannot send.
    fn poll_probe(&mut self, context: &mut Context<'_>) -> Result<(), TransportError> {
        let probe = self
            .probe
            .get_or_insert_with(|| tokio::time::interval(PROBE_INTERVAL));
        if probe.poll_tick(context).is_ready() {
            let _ = probe.poll_tick(context);
            let pong = Message::Pong(PING.into());
            Pin::new(&mut self.socket)
                .start_send(pong)
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// Returns the close frame for an error, with a code of RFC 6455, section 7.4.1.
fn close_frame_for(error: &Error) -> Option<CloseFrame> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            let reason = format!("over the limit `frame_bytes` of {max_size}");
            Some(close_frame(CloseCode::Size, &reason))
        }
        #[cfg(feature = "server")]
        Error::Io(error) => frame_refused(error).map(|refused| match refused {
            FrameRefused::Untrusted { limit, .. } => {
                let reason =
                    format!("over the limit `untrusted.frame_bytes` of {limit}: sign in first");
                close_frame(CloseCode::Size, &reason)
            }
            FrameRefused::Arriving(over) => close_frame(CloseCode::Again, &over.to_string()),
        }),
        Error::Utf8(_) => Some(close_frame(CloseCode::Invalid, "the text is not UTF-8")),
        // The other side is gone, or knows already.
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::ReceivedAfterClosing
            | ProtocolError::SendAfterClosing,
        ) => None,
        Error::Protocol(error) => Some(close_frame(CloseCode::Protocol, &error.to_string())),
        _ => None,
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Transport for WebSocketTransport<S> {
    const SAYS_WHEN_READABLE: bool = true;

    fn is_half_closed(&self) -> bool {
        self.socket.get_ref().has_ended()
    }

    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.lingers {
            return Poll::Ready(());
        }
        // An error means that the other side is gone, which ends the waiting too.
        let Ok(()) = ready!(Pin::new(&mut self.socket).poll_flush(context)) else {
            return Poll::Ready(());
        };
        let stream = self.socket.get_mut();
        let Ok(()) = ready!(Pin::new(&mut *stream).poll_shutdown(context)) else {
            return Poll::Ready(());
        };
        // If bytes stay unread, the operating system resets the connection, and the close frame is lost.
        let mut bytes = [0; READ_BUFFER];
        loop {
            let mut unread = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(context, &mut unread) {
                Poll::Ready(Ok(())) => {}
                Poll::Pending if !stream.has_ended() => return Poll::Pending,
                Poll::Ready(Err(_)) | Poll::Pending => return Poll::Ready(()),
            }
        }
    }

    fn closes_because(&mut self, reason: &CloseReason) {
        self.close_frame = match reason {
            // A client sends no close frame of its own (`docs/protocol.md` 3.5).
            CloseReason::Unused if self.role == Role::Client => None,
            CloseReason::Unused => Some(close_frame(CloseCode::Away, "the server ends")),
            CloseReason::Requested(_) | CloseReason::Congested => {
                Some(close_frame(CloseCode::Policy, &reason.to_string()))
            }
        };
    }
}

/// Makes a close frame, and cuts the reason to the length that fits.
fn close_frame(code: CloseCode, reason: &str) -> CloseFrame {
    let mut end = reason.len().min(REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    CloseFrame {
        code,
        reason: reason[..end].into(),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Frame> for WebSocketTransport<S> {
    type Error = TransportError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        Pin::new(&mut self.socket)
            .poll_ready(context)
            .map_err(failed)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        Pin::new(&mut self.socket)
            .start_send(Message::Text(frame.into()))
            .map_err(failed)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        if self.is_half_closed() {
            self.poll_probe(context)?;
        }
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(failed)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> TransportPoll {
        if let Some(frame) = self.close_frame.take() {
            // A failure shows again in `poll_close`, unless the other side has closed before.
            let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        }
        Pin::new(&mut self.socket)
            .poll_close(context)
            .map_err(failed)
    }
}

/// Returns the reason if reading failed because a message was refused.
#[cfg(feature = "server")]
fn frame_refused(error: &std::io::Error) -> Option<&FrameRefused> {
    error.get_ref()?.downcast_ref()
}

fn failed(error: Error) -> TransportError {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            TransportError::TooLarge {
                size,
                limit: max_size,
            }
        }
        #[cfg(feature = "server")]
        Error::Io(error) => match frame_refused(&error) {
            Some(&FrameRefused::Untrusted { size, limit }) => {
                TransportError::TooLarge { size, limit }
            }
            Some(FrameRefused::Arriving(_)) | None => TransportError::Broken(error.into()),
        },
        other => TransportError::Broken(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio::io::duplex;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
    use tokio_util::io::InspectReader;

    use super::{READ_BUFFER, REASON, WebSocketTransport, close_frame};
    use crate::peer::{Frame, Limits};

    fn text(number: usize) -> String {
        format!("{number:0>60}")
    }

    #[tokio::test]
    async fn frames_that_are_kept_do_not_shrink_the_read_buffer() {
        const FRAMES: usize = 1_000;
        let (near, far) = duplex(1024 * 1024);
        let limits = Limits::default();
        let mut client = WebSocketTransport::client(near, Vec::new(), &limits).await;
        for number in 0..FRAMES {
            client.feed(Frame::from(text(number))).await.unwrap();
        }
        client.flush().await.unwrap();
        let reads = Cell::new(0);
        let stream = InspectReader::new(far, |_: &[u8]| reads.set(reads.get() + 1));
        let mut server = WebSocketTransport::server(stream, Vec::new(), &limits).await;
        let mut kept = Vec::new();
        for number in 0..FRAMES {
            let frame = server.next().await.unwrap().unwrap();
            assert_eq!(frame.as_str(), text(number));
            kept.push(frame);
        }
        let buffers = FRAMES * text(0).len() / READ_BUFFER;
        let reads = reads.get();
        assert!(reads <= 4 * buffers, "{reads} reads for {buffers} buffers");
    }

    #[tokio::test]
    async fn what_was_read_before_comes_first() {
        let (near, mut far) = duplex(1024 * 1024);
        let limits = Limits::default();
        let mut client = WebSocketTransport::client(near, Vec::new(), &limits).await;
        for number in 0..200 {
            client.feed(Frame::from(text(number))).await.unwrap();
        }
        client.flush().await.unwrap();
        // More than the read buffer takes at once, and the last frame is cut.
        let mut before = vec![0; READ_BUFFER + 1_000];
        tokio::io::AsyncReadExt::read_exact(&mut far, &mut before)
            .await
            .unwrap();
        let mut server = WebSocketTransport::server(far, before, &limits).await;
        for number in 0..200 {
            let frame = server.next().await.unwrap().unwrap();
            assert_eq!(frame.as_str(), text(number));
        }
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let fits = "x".repeat(REASON);
        assert_eq!(close_frame(CloseCode::Away, &fits).reason.as_str(), fits);
        assert_eq!(
            close_frame(CloseCode::Away, &format!("{fits}y"))
                .reason
                .as_str(),
            fits
        );
        // The last byte has no room for a letter of two bytes.
        let cut = close_frame(CloseCode::Policy, &"ä".repeat(REASON));
        assert_eq!(cut.reason.as_str(), "ä".repeat(REASON / 2));
    }
}

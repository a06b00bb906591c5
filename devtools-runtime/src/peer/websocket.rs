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

#[cfg(feature = "server")]
use crate::peer::guard::StrangersFrame;
use crate::peer::half_open::HalfOpen;
use crate::peer::keep_alive::{Due, KeepAlive};
use crate::peer::{CloseReason, Frame, Limits, Transport, TransportError};

/// The read buffer of a connection, in bytes. tungstenite clears it before every read, and an idle
/// connection keeps it, so it is small.
const READ_BUFFER: usize = 4 * 1024;

/// What pings carry ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).
const PING: &[u8] = b"crossws-ping";

/// How often a client that has ended its half of the connection is looked for while its calls run.
const PRESENCE: Duration = Duration::from_millis(100);

/// The longest reason that a close frame can hold, in bytes of UTF-8.
const REASON: usize = 123;

/// A WebSocket over `S`.
pub(crate) struct WebSocketTransport<S> {
    socket: WebSocketStream<HalfOpen<S>>,
    role: Role,
    keep_alive: KeepAlive,
    /// What the other side is told when this side closes.
    farewell: Option<CloseFrame>,
    /// Whether the other side was told what it did wrong, and is given the time to read it.
    lingers: bool,
    /// When a side that has ended its half is asked whether it is there.
    presence: Option<Interval>,
}

fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(limits.frame_bytes))
        .max_frame_size(Some(limits.frame_bytes))
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// The server's end of a stream that was upgraded. `read_already` came in after the handshake.
    #[cfg(feature = "server")]
    pub(crate) async fn server(stream: S, read_already: Vec<u8>, limits: &Limits) -> Self {
        let role = Role::Server;
        let config = Some(config(limits));
        let stream = HalfOpen::new(stream, true);
        let socket = WebSocketStream::from_partially_read(stream, read_already, role, config).await;
        Self::new(socket, role, limits)
    }

    /// The client's end of a stream that was upgraded. `read_already` came in after the handshake.
    #[cfg(feature = "client")]
    pub(crate) async fn client(stream: S, read_already: Vec<u8>, limits: &Limits) -> Self {
        let role = Role::Client;
        let config = Some(config(limits));
        let stream = HalfOpen::new(stream, false);
        let socket = WebSocketStream::from_partially_read(stream, read_already, role, config).await;
        Self::new(socket, role, limits)
    }

    fn new(socket: WebSocketStream<HalfOpen<S>>, role: Role, limits: &Limits) -> Self {
        Self {
            socket,
            role,
            keep_alive: KeepAlive::new(limits.keep_alive),
            farewell: None,
            lingers: false,
            presence: None,
        }
    }
}

/// A new `Sec-WebSocket-Key` of a client.
#[cfg(feature = "client")]
pub(crate) fn request_key() -> String {
    tokio_tungstenite::tungstenite::handshake::client::generate_key()
}

/// The answer to a client's `Sec-WebSocket-Key`.
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
                // Only silence makes one wonder: a busy connection pays nothing for this.
                Poll::Pending if self.poll_dead(context)? => {
                    return Poll::Ready(Some(Err(TransportError::Dead)));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Err(error))) => {
                    self.complain(&error, context);
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
                        // The answer to it, which nobody waits for.
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
    /// Sends a ping if it is time for one. Whether the last one has found nobody.
    fn poll_dead(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        match self.keep_alive.poll_due(context) {
            Poll::Pending => Ok(false),
            Poll::Ready(Due::Dead) => Ok(true),
            Poll::Ready(Due::Ping) => {
                self.ping()?;
                // Pending or not: what is not written now is written with the next frame.
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

    /// Tells the other side what it did wrong, if anything. This is a best effort, as the connection ends in any case.
    fn complain(&mut self, error: &Error, context: &mut Context<'_>) {
        let Some(frame) = complaint(error) else {
            return;
        };
        let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        let _ = Pin::new(&mut self.socket).poll_flush(context);
        self.lingers = self.role == Role::Server;
    }

    /// Sends a pong from time to time to a side that has ended its half: whether it is still there shows only where it is
    /// sent to. A ping would have it answer, which it cannot.
    fn poll_presence(&mut self, context: &mut Context<'_>) -> Result<(), TransportError> {
        let presence = self
            .presence
            .get_or_insert_with(|| tokio::time::interval(PRESENCE));
        if presence.poll_tick(context).is_ready() {
            let _ = presence.poll_tick(context);
            let pong = Message::Pong(PING.into());
            Pin::new(&mut self.socket)
                .start_send(pong)
                .map_err(failed)?;
        }
        Ok(())
    }
}

/// What this side says as it closes the connection because of an error, which RFC 6455 has a code for (7.4.1).
fn complaint(error: &Error) -> Option<CloseFrame> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            let reason = format!("over the limit `frame_bytes` of {max_size}");
            Some(farewell(CloseCode::Size, &reason))
        }
        #[cfg(feature = "server")]
        Error::Io(error) => strangers_frame(error).map(|StrangersFrame { limit, .. }| {
            let reason =
                format!("over the limit `untrusted.frame_bytes` of {limit}: sign in first");
            farewell(CloseCode::Size, &reason)
        }),
        Error::Utf8(_) => Some(farewell(CloseCode::Invalid, "the text is not UTF-8")),
        // There is nobody to be told, or it was told already.
        Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake
            | ProtocolError::ReceivedAfterClosing
            | ProtocolError::SendAfterClosing,
        ) => None,
        Error::Protocol(error) => Some(farewell(CloseCode::Protocol, &error.to_string())),
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
        // Errors say that the other side is gone, which ends the waiting too.
        let Ok(()) = ready!(Pin::new(&mut self.socket).poll_flush(context)) else {
            return Poll::Ready(());
        };
        let stream = self.socket.get_mut();
        let Ok(()) = ready!(Pin::new(&mut *stream).poll_shutdown(context)) else {
            return Poll::Ready(());
        };
        // Bytes that are not read would make the system reset the connection, and the close frame would be lost.
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
        self.farewell = match reason {
            // A client that goes says nothing more (`docs/protocol.md` 3.5).
            CloseReason::Over if self.role == Role::Client => None,
            CloseReason::Over => Some(farewell(CloseCode::Away, "the server ends")),
            CloseReason::Told(_) | CloseReason::Congested => {
                Some(farewell(CloseCode::Policy, &reason.to_string()))
            }
        };
    }
}

/// A close frame with as much of the reason as fits.
fn farewell(code: CloseCode, reason: &str) -> CloseFrame {
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

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        Pin::new(&mut self.socket)
            .poll_ready(context)
            .map_err(failed)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), TransportError> {
        Pin::new(&mut self.socket)
            .start_send(Message::Text(frame.into()))
            .map_err(failed)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        if self.is_half_closed() {
            self.poll_presence(context)?;
        }
        Pin::new(&mut self.socket)
            .poll_flush(context)
            .map_err(failed)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), TransportError>> {
        if let Some(frame) = self.farewell.take() {
            // If this fails so does what follows, unless the other side was quicker to close.
            let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
        }
        Pin::new(&mut self.socket)
            .poll_close(context)
            .map_err(failed)
    }
}

/// What a stranger sent, if that is why reading failed.
#[cfg(feature = "server")]
fn strangers_frame(error: &std::io::Error) -> Option<&StrangersFrame> {
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
        Error::Io(error) => match strangers_frame(&error) {
            Some(&StrangersFrame { size, limit }) => TransportError::TooLarge { size, limit },
            None => TransportError::Broken(error.into()),
        },
        other => TransportError::Broken(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

    use super::{REASON, farewell};

    #[test]
    fn a_reason_is_cut_between_characters() {
        let fits = "x".repeat(REASON);
        assert_eq!(farewell(CloseCode::Away, &fits).reason.as_str(), fits);
        assert_eq!(
            farewell(CloseCode::Away, &format!("{fits}y"))
                .reason
                .as_str(),
            fits
        );
        // A letter of two bytes does not fit into the last one.
        let cut = farewell(CloseCode::Policy, &"ä".repeat(REASON));
        assert_eq!(cut.reason.as_str(), "ä".repeat(REASON / 2));
    }
}

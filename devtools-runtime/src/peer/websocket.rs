//! A WebSocket as a stream and sink of frames. Only this file and `frame.rs` name tungstenite.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

#[cfg(feature = "server")]
use crate::peer::guard::StrangersFrame;
use crate::peer::keep_alive::{Due, KeepAlive};
use crate::peer::{CloseReason, Frame, Limits, Transport, TransportError};

/// The read buffer of a connection, in bytes. tungstenite clears it before every read, and an idle
/// connection keeps it, so it is small.
const READ_BUFFER: usize = 4 * 1024;

/// What pings carry (`protocol.md` 3.4).
const PING: &[u8] = b"crossws-ping";

/// The longest reason that a close frame can hold, in bytes of UTF-8.
const REASON: usize = 123;

/// A WebSocket over `S`.
pub(crate) struct WebSocketTransport<S> {
    socket: WebSocketStream<S>,
    /// Only a server asks for signs of life.
    keep_alive: Option<KeepAlive>,
    /// What the other side is told when this side closes.
    farewell: Option<CloseFrame>,
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
        let role = tokio_tungstenite::tungstenite::protocol::Role::Server;
        let config = Some(config(limits));
        let socket = WebSocketStream::from_partially_read(stream, read_already, role, config).await;
        Self {
            socket,
            keep_alive: Some(KeepAlive::new(limits.keep_alive)),
            farewell: None,
        }
    }

    /// The client's end of a stream that was upgraded. `read_already` came in after the handshake.
    #[cfg(feature = "client")]
    pub(crate) async fn client(stream: S, read_already: Vec<u8>, limits: &Limits) -> Self {
        let role = tokio_tungstenite::tungstenite::protocol::Role::Client;
        let config = Some(config(limits));
        let socket = WebSocketStream::from_partially_read(stream, read_already, role, config).await;
        Self {
            socket,
            keep_alive: None,
            farewell: None,
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
                // Only silence makes one wonder: a busy connection pays nothing for this.
                Poll::Pending if self.poll_dead(context)? => {
                    return Poll::Ready(Some(Err(TransportError::Dead)));
                }
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Err(error))) => {
                    let error = failed(error);
                    if matches!(error, TransportError::TooLarge { .. }) {
                        // Told on a best effort: the connection ends in any case.
                        let frame = CloseFrame {
                            code: CloseCode::Size,
                            reason: "over the limit `frame_bytes`".into(),
                        };
                        let _ = Pin::new(&mut self.socket).start_send(Message::Close(Some(frame)));
                        let _ = Pin::new(&mut self.socket).poll_flush(context);
                    }
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => return Poll::Ready(None),
            };
            if let Some(keep_alive) = &mut self.keep_alive {
                keep_alive.heard();
            }
            match message {
                Message::Text(text) => return Poll::Ready(Some(Ok(text.into()))),
                // Read as text, as the JavaScript server does (`protocol.md` 2.1).
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
                }
                Message::Ping(_) | Message::Pong(_) | Message::Close(None) | Message::Frame(_) => {}
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketTransport<S> {
    /// Sends a ping if it is time for one. Whether the last one has found nobody.
    fn poll_dead(&mut self, context: &mut Context<'_>) -> Result<bool, TransportError> {
        let Some(keep_alive) = &mut self.keep_alive else {
            return Ok(false);
        };
        match keep_alive.poll_due(context) {
            Poll::Pending => Ok(false),
            Poll::Ready(Due::Dead) => Ok(true),
            Poll::Ready(Due::Ping) => {
                let ping = Message::Ping(PING.into());
                Pin::new(&mut self.socket)
                    .start_send(ping)
                    .map_err(failed)?;
                // Pending or not: what is not written now is written with the next frame.
                let _ = Pin::new(&mut self.socket)
                    .poll_flush(context)
                    .map_err(failed)?;
                Ok(false)
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Transport for WebSocketTransport<S> {
    const SAYS_WHEN_READABLE: bool = true;

    fn closes_because(&mut self, reason: &CloseReason) {
        self.farewell = match reason {
            // A client that goes says nothing more (`protocol.md` 3.5).
            CloseReason::Over if self.keep_alive.is_none() => None,
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

fn failed(error: Error) -> TransportError {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            TransportError::TooLarge {
                size,
                limit: max_size,
            }
        }
        #[cfg(feature = "server")]
        Error::Io(error) => match error.get_ref().and_then(|it| it.downcast_ref()) {
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

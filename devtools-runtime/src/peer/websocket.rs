//! A WebSocket as a stream and sink of frames. Only this file and `frame.rs` name tungstenite.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::peer::{Frame, Limits, TransportError};

/// The read buffer of a connection, in bytes. tungstenite clears it before every read, and an idle
/// connection keeps it, so it is small.
const READ_BUFFER: usize = 4 * 1024;

/// A WebSocket over `S`.
pub(crate) struct WebSocketTransport<S> {
    socket: WebSocketStream<S>,
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
        Self { socket }
    }

    /// The client's end of a stream, after the handshake for `url`.
    #[cfg(feature = "client")]
    pub(crate) async fn client(
        url: &str,
        stream: S,
        limits: &Limits,
    ) -> Result<Self, crate::function::BoxError> {
        let config = Some(config(limits));
        let (socket, _response) =
            tokio_tungstenite::client_async_with_config(url, stream, config).await?;
        Ok(Self { socket })
    }
}

/// The answer to a client's `Sec-WebSocket-Key`.
#[cfg(feature = "server")]
pub(crate) fn accept_key(key: &[u8]) -> String {
    tokio_tungstenite::tungstenite::handshake::derive_accept_key(key)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocketTransport<S> {
    type Item = Result<Frame, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let message = match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(message)) => message,
                Some(Err(error)) => {
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
                None => return Poll::Ready(None),
            };
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
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
            }
        }
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
        other => TransportError::Broken(other.into()),
    }
}

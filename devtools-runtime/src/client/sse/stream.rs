//! The event stream of a session, which is the body of a response.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};
use url::Url;

use crate::client::dial::Dialer;
use crate::client::http::{HttpConnection, RequestBody};
use crate::client::sse::events::{Event, EventParser};
use crate::function::BoxError;
use crate::peer::TransportError;

/// How long the stream may be silent. The server sends a comment every 30 seconds ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
pub(super) const SILENCE: Duration = Duration::from_secs(90);

const MEDIA_TYPE: &str = "text/event-stream";

/// The client's end of an event stream. Dropping it ends the session.
pub(super) struct EventStream {
    connection: HttpConnection,
    body: Incoming,
    /// The received bytes that were not parsed yet.
    piece: Bytes,
    parser: EventParser,
    silence: Pin<Box<Sleep>>,
}

impl EventStream {
    pub(super) async fn open(
        dialer: &Dialer,
        url: &Url,
        frame_bytes: usize,
    ) -> Result<Self, BoxError> {
        let mut connection = HttpConnection::open(dialer, url).await?;
        let request = dialer
            .request_to(Method::GET, url)
            .header(ACCEPT, MEDIA_TYPE)
            .body(RequestBody::default())?;
        let response = connection.send(request).await;
        let response = response.map_err(|unanswered| unanswered.error)?;
        if response.status() != StatusCode::OK {
            return Err(format!("the server answered {}", response.status()).into());
        }
        check_type(response.headers())?;
        Ok(Self {
            connection,
            body: response.into_body(),
            piece: Bytes::new(),
            parser: EventParser::new(frame_bytes),
            silence: Box::pin(sleep(SILENCE)),
        })
    }

    /// Waits for the next event. Returns `None` when the server has ended the stream.
    pub(super) async fn next(&mut self) -> Option<Result<Event, TransportError>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event, TransportError>>> {
        loop {
            if let Some(event) = self.parser.next(&mut self.piece)? {
                return Poll::Ready(Some(Ok(event)));
            }
            match self.poll_body(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.silence.as_mut().reset(Instant::now() + SILENCE);
                    // Frames other than data are trailers, which are ignored.
                    self.piece = frame.into_data().unwrap_or_default();
                }
                Poll::Ready(Some(Err(error))) => {
                    let error = TransportError::Broken(error.into());
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    ready!(self.silence.as_mut().poll(context));
                    return Poll::Ready(Some(Err(TransportError::Dead)));
                }
            }
        }
    }

    fn poll_body(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, hyper::Error>>> {
        let mut body = Pin::new(&mut self.body);
        // The body is polled first, because hyper reads from the socket only if the body was polled.
        if let Poll::Ready(frame) = body.as_mut().poll_frame(context) {
            return Poll::Ready(frame);
        }
        self.connection.poll_work(context);
        body.poll_frame(context)
    }
}

/// Checks that the content type of a response is that of an event stream.
fn check_type(headers: &HeaderMap) -> Result<(), BoxError> {
    let value = headers.get(CONTENT_TYPE);
    let value = value.map_or(Ok(""), |value| value.to_str())?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(MEDIA_TYPE) {
        return Ok(());
    }
    Err(
        format!("the server answered with the content type `{value}` instead of an event stream")
            .into(),
    )
}

//! POSTs, each of which carries one frame.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::LengthLimitError;
use tokio::sync::mpsc;
use url::Url;

use crate::client::dial::Dialer;
use crate::client::http::{HttpConnection, RequestBody};
use crate::function::BoxError;
use crate::peer::{CANCEL, Frame, TransportError, refused_as_too_large};
use crate::wire::{Envelope, FrameText, RemoteErrorText, RequestId, failure};

/// The header that names the session.
const SESSION: &str = "x-birpc-session";

/// The header in the answer to a POST that says how many events were sent on the stream before it ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
const AFTER_EVENTS: &str = "x-birpc-after-events";

/// The address that the POSTs of a session are sent to.
pub(super) struct Address {
    pub(super) dialer: Dialer,
    pub(super) url: Url,
    pub(super) session: HeaderValue,
    /// The largest reply, in bytes.
    pub(super) frame_bytes: usize,
    /// How long connecting may take.
    pub(super) connecting: Duration,
}

/// The kind of a frame, which decides when its POST is sent and how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PostKind {
    /// A call with its id. The answer to the POST is the reply.
    Call(Option<u64>),
    /// An event. The POST is answered at once.
    Event,
    /// The event that cancels the call with this id.
    Cancel(u64),
    /// A reply to a call from the server. The POST is answered at once.
    Reply,
}

/// The signal that all earlier calls were sent. It ends when every [`LeavingPost`] with its sender was dropped.
pub(super) type Earlier = mpsc::Receiver<Infallible>;

/// The body of a POST. It is dropped when it was handed to the operating system.
pub(super) struct LeavingPost {
    pub(super) frame: Frame,
    pub(super) _before_events: Option<mpsc::Sender<Infallible>>,
}

/// A POST that was answered.
pub(super) struct AnsweredPost {
    pub(super) kind: PostKind,
    pub(super) reply: Option<ArrivedReply>,
    /// The connection, if it can be used for another POST.
    pub(super) connection: Option<HttpConnection>,
}

/// A reply that has arrived.
pub(super) struct ArrivedReply {
    pub(super) frame: Frame,
    /// The number of events that come before the reply. `None` if the server does not say it.
    pub(super) after_events: Option<u64>,
}

impl PostKind {
    pub(super) fn of(frame: &Frame) -> Self {
        // This peer wrote the frame, so it can be parsed.
        let text = FrameText::open(frame.as_str());
        match text.as_ref().map(FrameText::envelope) {
            Ok(Ok(Envelope::Request(request))) => match request.id {
                Some(id) => Self::Call(id.counter()),
                None if request.method == CANCEL => {
                    let id = request.arguments.read::<(String,)>().ok();
                    let id = id.and_then(|(id,)| RequestId::from_text(&id)?.counter());
                    id.map_or(Self::Event, Self::Cancel)
                }
                None => Self::Event,
            },
            _ => Self::Reply,
        }
    }
}

impl AsRef<[u8]> for LeavingPost {
    fn as_ref(&self) -> &[u8] {
        self.frame.as_ref()
    }
}

impl Address {
    /// Sends a frame on `connection`, or on a new connection if `connection` is closed.
    ///
    /// # Errors
    ///
    /// If the frame may not have arrived. The session cannot continue then.
    pub(super) async fn post(
        &self,
        connection: Option<HttpConnection>,
        text: LeavingPost,
        kind: PostKind,
        earlier: Option<Earlier>,
    ) -> Result<AnsweredPost, TransportError> {
        let size = text.frame.len();
        if let Some(mut earlier) = earlier {
            earlier.recv().await;
        }
        let request = self
            .dialer
            .request_to(Method::POST, &self.url)
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .header(SESSION, self.session.clone())
            .body(Bytes::from_owner(text).into())
            .map_err(broken)?;
        let (connection, response) = self.exchange(connection, request).await?;
        let after_events = response.headers().get(AFTER_EVENTS);
        let after_events = after_events.and_then(|count| count.to_str().ok()?.parse().ok());
        let reply = match response.status() {
            StatusCode::ACCEPTED => None,
            StatusCode::OK if response.body().is_empty() => None,
            StatusCode::OK => {
                let reply = Frame::from_utf8(response.into_body());
                Some(reply.ok_or_else(|| broken("a reply is not UTF-8"))?)
            }
            // Only this frame failed, so the session continues. The server does not say its limit.
            StatusCode::PAYLOAD_TOO_LARGE => {
                tracing::warn!(
                    size,
                    "the server refused a frame that is larger than its limit"
                );
                refusal(kind, size)
            }
            status @ (StatusCode::BAD_REQUEST | StatusCode::CONFLICT) => {
                return Err(broken(format!(
                    "the session has ended: the server answered a POST with {status}"
                )));
            }
            other => return Err(broken(format!("the server answered a POST with {other}"))),
        };
        let reply = reply.map(|frame| ArrivedReply {
            frame,
            after_events,
        });
        Ok(AnsweredPost {
            kind,
            reply,
            connection: Some(connection).filter(|connection| !connection.is_closed()),
        })
    }

    async fn exchange(
        &self,
        connection: Option<HttpConnection>,
        mut request: Request<RequestBody>,
    ) -> Result<(HttpConnection, Response<Bytes>), TransportError> {
        if let Some(mut connection) = connection {
            match connection.exchange(request, self.frame_bytes).await {
                Ok(response) => return Ok((connection, response)),
                Err(unanswered) => match unanswered.unsent {
                    // The server has closed the connection while it was idle.
                    Some(unsent) => request = *unsent,
                    None => return Err(self.failed(unanswered.error)),
                },
            }
        }
        let opening = HttpConnection::open(&self.dialer, &self.url);
        let opening = tokio::time::timeout(self.connecting, opening);
        let mut connection = opening.await.map_err(broken)?.map_err(broken)?;
        match connection.exchange(request, self.frame_bytes).await {
            Ok(response) => Ok((connection, response)),
            Err(unanswered) => Err(self.failed(unanswered.error)),
        }
    }

    fn failed(&self, error: BoxError) -> TransportError {
        if error.is::<LengthLimitError>() {
            return TransportError::TooLarge {
                size: self.frame_bytes.saturating_add(1), // at least: the rest is not read
                limit: self.frame_bytes,
            };
        }
        TransportError::Broken(error)
    }
}

/// Returns an error reply for a call that the server refused because its frame of `size` bytes is too large.
fn refusal(kind: PostKind, size: usize) -> Option<Frame> {
    let PostKind::Call(Some(id)) = kind else {
        return None;
    };
    let error = RemoteErrorText {
        name: "Error",
        message: &refused_as_too_large(size),
    };
    failure(&RequestId::from(id), error).ok().map(Frame::from)
}

fn broken(error: impl Into<BoxError>) -> TransportError {
    TransportError::Broken(error.into())
}

#[cfg(test)]
mod tests {
    use super::PostKind;
    use crate::peer::CANCEL;
    use crate::wire::{Encoding, RemoteErrorText, RequestId, failure, request, success};

    #[test]
    fn a_frame_is_what_it_says() {
        let id = RequestId::from(7);
        for encoding in [Encoding::Json, Encoding::StructuredClone] {
            let request = |method: &str, id| request(encoding, method, &("9",), true, id).unwrap();
            let reply = success(encoding, &id, Some("result")).unwrap();
            for (text, kind) in [
                (request("f", Some(&id)), PostKind::Call(Some(7))),
                (request("f", None), PostKind::Event),
                (request(CANCEL, None), PostKind::Cancel(9)),
                (reply, PostKind::Reply),
            ] {
                assert_eq!(PostKind::of(&text.clone().into()), kind, "{text}");
            }
        }
        let error = RemoteErrorText {
            name: "Error",
            message: "q",
        };
        assert_eq!(
            PostKind::of(&failure(&id, error).unwrap().into()),
            PostKind::Reply
        );
    }
}

//! The event stream of a session, which is the body of a response.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::peer::Frame;

/// How often a comment is sent, so that proxies do not close an idle stream.
const PING_EVERY: Duration = Duration::from_secs(30);

/// The event stream of a session. Dropping it ends the session; an HTTP server drops it when the client disconnects.
pub(crate) struct EventStream {
    /// The first event, which tells the client the id of its session.
    opening: Option<Bytes>,
    frames: mpsc::Receiver<Frame>,
    pings: Interval,
    _present: oneshot::Sender<Infallible>,
}

impl EventStream {
    pub(super) fn new(
        session: &str,
        frames: mpsc::Receiver<Frame>,
        present: oneshot::Sender<Infallible>,
    ) -> Self {
        let mut pings = tokio::time::interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            opening: Some(event("session", session)),
            frames,
            pings,
            _present: present,
        }
    }
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        let bytes = if let Some(opening) = self.opening.take() {
            opening
        } else if let Poll::Ready(frame) = self.frames.poll_recv(context) {
            match frame {
                Some(frame) => event("message", frame.as_str()),
                None => return Poll::Ready(None),
            }
        } else if self.pings.poll_tick(context).is_ready() {
            Bytes::from_static(b": ping\n\n")
        } else {
            return Poll::Pending;
        };
        Poll::Ready(Some(Ok(http_body::Frame::data(bytes))))
    }
}

/// Encodes an event. Each line of the data has a `data` line of its own.
fn event(name: &str, data: &str) -> Bytes {
    let mut text = String::with_capacity(name.len() + data.len() + "event: \ndata: \n\n".len());
    text.push_str("event: ");
    text.push_str(name);
    for line in data.split('\n') {
        text.push_str("\ndata: ");
        text.push_str(line);
    }
    text.push_str("\n\n");
    Bytes::from(text)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::sync::{mpsc, oneshot};

    use super::{EventStream, PING_EVERY, event};
    use crate::peer::Frame;

    async fn next(stream: &mut EventStream) -> String {
        let frame = stream.frame().await.unwrap().unwrap();
        String::from_utf8(frame.into_data().unwrap().into()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn events_come_after_the_session_and_pings_between_them() {
        let (frames, receiver) = mpsc::channel(1);
        let (present, _gone) = oneshot::channel();
        let mut stream = EventStream::new("id", receiver, present);
        let opened = tokio::time::Instant::now();
        assert_eq!(next(&mut stream).await, "event: session\ndata: id\n\n");
        frames.send(Frame::from("{}".to_owned())).await.unwrap();
        assert_eq!(next(&mut stream).await, "event: message\ndata: {}\n\n");
        for pings in 1..=3 {
            assert_eq!(next(&mut stream).await, ": ping\n\n");
            assert_eq!(opened.elapsed(), PING_EVERY * pings);
        }
        drop(frames);
        assert!(stream.frame().await.is_none());
    }

    #[test]
    fn lines_are_told_apart() {
        assert_eq!(
            event("message", "a\nb\n"),
            "event: message\ndata: a\ndata: b\ndata: \n\n"
        );
    }
}

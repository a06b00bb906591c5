//! A session without a WebSocket: an event stream down, and POSTs up ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
//!
//! To the driver it is one more connection: [`SseTransport`] is a stream and sink of frames. Each frame
//! that leaves is a POST; frames come in by the event stream, and as the answers to POSTs that are calls.

mod backlog;
mod events;
mod posts;
mod stream;
#[cfg(test)]
#[cfg(feature = "server")]
mod tests;
mod transport;

use std::sync::Arc;

use http::HeaderValue;
use url::Url;

use crate::function::BoxError;
use crate::peer::Limits;

use self::events::Event;
use self::posts::Address;
use self::stream::EventStream;

pub(crate) use self::transport::SseTransport;

/// Opens the event stream at `url`, and waits until it has told its session. The query of `url` goes with
/// every POST too.
///
/// # Errors
///
/// If the server cannot be reached, answers with anything but an event stream, whose first event is the
/// session, or takes longer for that than [`Limits::handshake`].
pub(crate) async fn connect(url: &str, limits: &Limits) -> Result<SseTransport, BoxError> {
    let url = Url::parse(url)?;
    let opening = async {
        let mut events = EventStream::open(&url, limits.frame_bytes).await?;
        match events.next().await {
            Some(Ok(Event::Session(id))) => Ok((events, id)),
            Some(Ok(Event::Frame(_))) => {
                Err("the event stream does not begin with its session".into())
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(BoxError::from(
                "the event stream ended before it told its session",
            )),
        }
    };
    let (events, id) = tokio::time::timeout(limits.handshake, opening).await??;
    let address = Address {
        session: HeaderValue::from_str(&id)?,
        url,
        frame_bytes: limits.frame_bytes,
        connecting: limits.handshake,
    };
    Ok(SseTransport::new(events, Arc::new(address), limits))
}

/// What the events of a stream hold that comes in these pieces, and whether it was refused in the end.
#[cfg(feature = "_fuzz")]
pub(crate) fn read_events<'p>(
    pieces: impl IntoIterator<Item = &'p [u8]>,
    limit: usize,
) -> (Vec<String>, bool) {
    let mut parser = events::EventParser::new(limit);
    let mut read = Vec::new();
    for piece in pieces {
        let mut piece = bytes::Bytes::copy_from_slice(piece);
        loop {
            match parser.next(&mut piece) {
                Ok(Some(Event::Session(text) | Event::Frame(text))) => read.push(text),
                Ok(None) => break,
                Err(_) => return (read, true),
            }
        }
    }
    (read, false)
}

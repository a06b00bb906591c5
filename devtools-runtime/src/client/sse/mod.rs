//! A session over server-sent events: an event stream from the server, and POSTs from the client ([protocol 5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#5-sse)).
//!
//! The driver sees such a session as a connection: [`SseTransport`] is a stream and sink of frames. Each outgoing frame is a
//! POST. Incoming frames arrive on the event stream and in the answers to POSTs that are calls.

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

use crate::client::dial::Dialer;
use crate::function::BoxError;
use crate::peer::Limits;

use self::events::Event;
use self::posts::Address;
use self::stream::EventStream;

pub(crate) use self::transport::SseTransport;

/// Opens the event stream at `url` and waits for the id of the session. Every POST has the query of `url` too.
///
/// # Errors
///
/// If the server cannot be reached, does not answer with an event stream whose first event is the session, or takes longer than
/// [`Limits::handshake`].
pub(crate) async fn connect(
    dialer: &Dialer,
    url: &str,
    limits: &Limits,
) -> Result<SseTransport, BoxError> {
    let url = Url::parse(url)?;
    let opening = async {
        let mut events = EventStream::open(dialer, &url, limits.frame_bytes).await?;
        match events.next().await {
            Some(Ok(Event::Session(id))) => Ok((events, id)),
            Some(Ok(Event::Frame(_))) => {
                Err("the event stream does not begin with the id of its session".into())
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(BoxError::from(
                "the event stream ended before it sent the id of its session",
            )),
        }
    };
    let (events, id) = tokio::time::timeout(limits.handshake, opening).await??;
    let address = Address {
        dialer: dialer.clone(),
        session: HeaderValue::from_str(&id)?,
        url,
        frame_bytes: limits.frame_bytes,
        connecting: limits.handshake,
    };
    Ok(SseTransport::new(events, Arc::new(address), limits))
}

/// Returns the data of the events in these pieces of a stream, and whether the parser refused the stream.
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

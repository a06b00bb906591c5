//! Reading the body of a request.

use std::pin::pin;

use bytes::Buf as _;
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::function::BoxError;
use crate::server::paced::Pace;

/// The reason why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is over the limit.
    TooLarge,
    /// It arrived more slowly than the pace.
    TooSlow,
    /// The connection failed, or the body is malformed.
    Broken(BoxError),
}

/// Reads a body of at most `limit` bytes that arrives at the required pace.
pub(crate) async fn collect<B>(body: B, limit: usize, pace: Option<Pace>) -> Result<Vec<u8>, Unread>
where
    B: Body<Error: Into<BoxError>>,
{
    let limit_as_size = u64::try_from(limit).unwrap_or(u64::MAX);
    if body.size_hint().lower() > limit_as_size {
        return Err(Unread::TooLarge);
    }
    // The clock is read only with a pace: fuzz targets have neither a pace nor a runtime.
    let pace = pace.map(|pace| (pace, Instant::now()));
    let mut body = pin!(body);
    // The buffer grows with the received bytes: a client can announce any length without sending it.
    let mut bytes = Vec::new();
    loop {
        let frame = match pace {
            Some((pace, begun)) => {
                timeout_at(begun + pace.time_for(bytes.len()), body.frame()).await
            }
            None => Ok(body.frame().await),
        };
        let frame = match frame {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => return Err(Unread::Broken(error.into())),
            Ok(None) => return Ok(bytes),
            Err(_) => return Err(Unread::TooSlow),
        };
        // Frames other than data are trailers, which are ignored.
        let Ok(mut data) = frame.into_data() else {
            continue;
        };
        if data.remaining() > limit - bytes.len() {
            return Err(Unread::TooLarge);
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            bytes.extend_from_slice(chunk);
            let read = chunk.len();
            data.advance(read);
        }
    }
}

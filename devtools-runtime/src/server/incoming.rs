//! Reading the body of a request within limits.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::{Sleep, sleep_until};

use crate::function::BoxError;
use crate::host::DevToolsContext;
use crate::peer::{ArrivingRequest, OverArriving};
use crate::server::paced::Pace;

/// The limits of one body.
#[derive(Debug)]
pub(crate) struct BodyLimits {
    /// The largest number of bytes.
    pub(crate) bytes: usize,
    /// The lowest rate. `None` in fuzz targets, which have no runtime.
    pub(crate) pace: Option<Pace>,
    /// The share in the limit of all bodies, which counts until this is dropped.
    pub(crate) arriving: Option<ArrivingRequest>,
}

/// A body that fails when it exceeds its limits.
pub(crate) struct LimitedBody<B> {
    body: B,
    limits: BodyLimits,
    /// The number of bytes that have arrived.
    arrived: usize,
    /// The current period of the pace. `None` before the first pause.
    period: Option<Period>,
}

/// A period in which enough of a body must arrive.
struct Period {
    end: Pin<Box<Sleep>>,
    /// The number of bytes that had arrived when it began.
    arrived_before: usize,
}

/// The reason why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// It is over the limit.
    #[error("the body is over the limit `frame_bytes`")]
    TooLarge,
    /// It arrived more slowly than the pace.
    #[error("the body arrived more slowly than the limit `least_rate`")]
    TooSlow,
    /// There was no room for it beside the others.
    #[error(transparent)]
    TooMany(OverArriving),
    /// The connection failed, or the body is malformed.
    #[error("the body could not be read: {0}")]
    Broken(BoxError),
}

/// A body that was read.
pub(crate) struct CollectedBody {
    pub(crate) bytes: Vec<u8>,
    /// Counts the bytes in the limit of all bodies until it is dropped.
    pub(crate) arriving: Option<ArrivingRequest>,
}

impl BodyLimits {
    /// Returns the limits of a body of at most `bytes` bytes.
    pub(crate) fn of(context: &DevToolsContext, bytes: usize) -> Self {
        let limits = context.limits();
        Self {
            bytes,
            pace: Some(Pace {
                patience: limits.handshake,
                least_rate: limits.least_rate,
            }),
            arriving: Some(context.arriving_request()),
        }
    }
}

/// Reads a body.
pub(crate) async fn collect<B>(body: B, limits: BodyLimits) -> Result<CollectedBody, Unread>
where
    B: Body<Error: Into<BoxError>>,
{
    let body = pin!(body);
    let mut body = LimitedBody::new(body, limits);
    // The buffer grows with the received bytes: a client can announce any length without sending it.
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        // Frames other than data are trailers, which are ignored.
        let Ok(mut data) = frame?.into_data() else {
            continue;
        };
        while data.has_remaining() {
            let chunk = data.chunk();
            bytes.extend_from_slice(chunk);
            let read = chunk.len();
            data.advance(read);
        }
    }
    Ok(CollectedBody {
        bytes,
        arriving: body.limits.arriving,
    })
}

impl<B: Body<Error: Into<BoxError>> + Unpin> LimitedBody<B> {
    pub(crate) fn new(body: B, limits: BodyLimits) -> Self {
        Self {
            body,
            limits,
            arrived: 0,
            period: None,
        }
    }

    /// Returns whether the announced length of the body is over the limit. A body without an announced length is not.
    pub(crate) fn is_too_large(&self) -> bool {
        let room = self.limits.bytes.saturating_sub(self.arrived);
        self.body.size_hint().lower() > u64::try_from(room).unwrap_or(u64::MAX)
    }

    /// Counts bytes that have arrived.
    fn add(&mut self, bytes: usize) -> Result<(), Unread> {
        self.arrived = self.arrived.saturating_add(bytes);
        if self.arrived > self.limits.bytes {
            return Err(Unread::TooLarge);
        }
        match &mut self.limits.arriving {
            Some(arriving) => arriving.set(self.arrived).map_err(Unread::TooMany),
            None => Ok(()),
        }
    }

    /// Resolves if the body arrives too slowly.
    fn poll_too_slow(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(pace) = self.limits.pace else {
            return Poll::Pending;
        };
        let period = self.period.get_or_insert_with(|| Period {
            end: Box::pin(sleep_until(pace.end_of_period())),
            arrived_before: self.arrived,
        });
        loop {
            ready!(period.end.as_mut().poll(context));
            if !pace.is_kept_by((self.arrived - period.arrived_before) as u64) {
                return Poll::Ready(());
            }
            period.arrived_before = self.arrived;
            period.end.as_mut().reset(pace.end_of_period());
        }
    }
}

impl<B: Body<Error: Into<BoxError>> + Unpin> Body for LimitedBody<B> {
    type Data = B::Data;
    type Error = Unread;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, Unread>>> {
        let this = &mut *self;
        if this.is_too_large() {
            return Poll::Ready(Some(Err(Unread::TooLarge)));
        }
        let frame = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(Some(Err(error))) => {
                return Poll::Ready(Some(Err(Unread::Broken(error.into()))));
            }
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {
                let too_slow = this.poll_too_slow(context);
                return too_slow.map(|()| Some(Err(Unread::TooSlow)));
            }
        };
        let bytes = frame.data_ref().map_or(0, Buf::remaining);
        Poll::Ready(Some(this.add(bytes).map(|()| frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use futures_util::{StreamExt as _, stream};
    use http_body::{Body, Frame};
    use http_body_util::StreamBody;
    use tokio::time::{Instant, sleep};

    use super::{BodyLimits, CollectedBody, Unread, collect};
    use crate::peer::ArrivingBytes;
    use crate::server::paced::Pace;

    fn limits(arriving: &Arc<ArrivingBytes>, limit: usize) -> BodyLimits {
        BodyLimits {
            bytes: 1_000_000,
            pace: Some(Pace {
                patience: Duration::from_secs(30),
                least_rate: 1000,
            }),
            arriving: Some(arriving.begin(limit)),
        }
    }

    /// A body of pieces of 1,000 bytes, each of which comes `pause` after the one before, and then nothing more comes.
    fn slow(pieces: usize, pause: Duration) -> impl Body<Data = Bytes, Error = Infallible> {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            sleep(pause).await;
            Ok(Frame::data(Bytes::from_static(&[b'x'; 1000])))
        });
        StreamBody::new(Box::pin(pieces.chain(stream::pending())))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_given_up_however_much_has_arrived() {
        for (pieces, pause, expected) in [
            (0, 0, 30),
            // Fast, and then nothing.
            (900, 1, 60),
            // Fast enough for as long as it lasts.
            (100, 900, 120),
            (100, 1100, 30),
        ] {
            let begun = Instant::now();
            let arriving = Arc::default();
            let body = slow(pieces, Duration::from_millis(pause));
            let read = collect(body, limits(&arriving, usize::MAX)).await;
            assert!(matches!(read, Err(Unread::TooSlow)), "{pieces}");
            assert_eq!(begun.elapsed().as_secs(), expected, "{pieces} each {pause}");
        }
    }

    #[tokio::test]
    async fn bodies_share_their_limit_until_they_are_dropped() {
        let arriving = Arc::default();
        let body = || {
            let pieces = (0..100).map(|_| Frame::data(Bytes::from_static(&[b'x'; 1000])));
            StreamBody::new(stream::iter(pieces.map(Ok::<_, Infallible>)))
        };
        let read = collect(body(), limits(&arriving, 50_000)).await;
        let first: CollectedBody = read.map_err(|error| error.to_string()).unwrap();
        assert_eq!(first.bytes.len(), 100_000);
        let read = collect(body(), limits(&arriving, 50_000)).await;
        assert!(matches!(read, Err(Unread::TooMany(_))));
        drop(first);
        assert!(collect(body(), limits(&arriving, 50_000)).await.is_ok());
    }
}

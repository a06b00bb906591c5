//! The bytes of requests that are still arriving, bounded over all connections of a context.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of bytes of each request that do not count, so that requests of the usual size are read whatever others send.
const UNCOUNTED: usize = 64 * 1024;

/// The counted bytes of all requests that are still arriving.
#[derive(Debug, Default)]
pub(crate) struct ArrivingBytes(AtomicUsize);

/// The counted bytes of one request. Dropping it gives them back.
#[derive(Debug)]
pub(crate) struct ArrivingRequest {
    all: Arc<ArrivingBytes>,
    limit: usize,
    counted: usize,
}

/// The error for a request for which there is no room beside the others.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "the requests that arrive together are over the limit `arriving_bytes` of {limit}: try again"
)]
pub(crate) struct OverArriving {
    pub(crate) limit: usize,
}

impl ArrivingBytes {
    /// Begins a request. All requests together may have `limit` counted bytes.
    pub(crate) fn begin(self: &Arc<Self>, limit: usize) -> ArrivingRequest {
        ArrivingRequest {
            all: Arc::clone(self),
            limit,
            counted: 0,
        }
    }
}

impl ArrivingRequest {
    /// Sets how many bytes of the request are in memory. A request that is the only counted one may have any number.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), OverArriving> {
        let Self {
            ref all,
            limit,
            counted: before,
        } = *self;
        let counted = bytes.saturating_sub(UNCOUNTED);
        if counted > before {
            let more = counted - before;
            let grown = |all: usize| {
                let grown = all.saturating_add(more);
                (grown <= limit || all == before).then_some(grown)
            };
            all.0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown)
                .map_err(|_| OverArriving { limit })?;
        } else if counted < before {
            all.0.fetch_sub(before - counted, Ordering::Relaxed);
        }
        self.counted = counted;
        Ok(())
    }
}

impl Drop for ArrivingRequest {
    fn drop(&mut self) {
        if self.counted > 0 {
            self.all.0.fetch_sub(self.counted, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::{ArrivingBytes, UNCOUNTED};

    #[test]
    fn requests_share_the_limit() {
        const LIMIT: usize = 1000;

        let all = Arc::<ArrivingBytes>::default();
        let counted = || all.0.load(Ordering::Relaxed);
        let (mut first, mut second) = (all.begin(LIMIT), all.begin(LIMIT));
        first.set(UNCOUNTED + 600).unwrap();
        second.set(UNCOUNTED + 400).unwrap();
        let error = second.set(UNCOUNTED + 401).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the requests that arrive together are over the limit `arriving_bytes` of 1000: try again"
        );
        assert_eq!(counted(), 1000, "a refused one keeps what it had");
        // Small requests do not wait for large ones.
        all.begin(LIMIT).set(UNCOUNTED).unwrap();
        first.set(0).unwrap();
        second.set(UNCOUNTED + 1000).unwrap();
        drop(second);
        assert_eq!(counted(), 0);
        // One that is larger than the limit goes alone.
        first.set(UNCOUNTED + 5000).unwrap();
        first.set(UNCOUNTED + 9000).unwrap();
        all.begin(LIMIT).set(UNCOUNTED + 1).unwrap_err();
        drop(first);
        assert_eq!(counted(), 0);
    }
}

//! The delays before a client reconnects.

use std::time::Duration;

/// The delays between a client's attempts to reconnect.
///
/// The delay doubles from `first` to `longest`. Each delay is shortened by a random part of up to one half, so
/// that the clients of a restarted server do not reconnect at the same moment. The number of attempts is not limited.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::client::Backoff;
///
/// let backoff = Backoff::new().first(Duration::from_secs(1)).longest(Duration::from_secs(60));
/// let builder = DevToolsRpcClient::builder("http://127.0.0.1:7812/__devtools/").reconnect(backoff);
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a backoff does nothing until a builder takes it"]
#[non_exhaustive]
pub struct Backoff {
    /// The delay before the first attempt. Default: 500 milliseconds.
    pub first: Duration,
    /// The longest delay between two attempts. Default: 10 seconds.
    pub longest: Duration,
}

crate::default_is_new!(Backoff);

impl Backoff {
    /// Returns the default backoff.
    pub const fn new() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(10),
        }
    }

    crate::setters! {
        first: Duration,
        longest: Duration,
    }
}

impl Backoff {
    /// Returns the delay before the next attempt, after `failed` failed ones.
    pub(crate) fn before(&self, failed: u32) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failed));
        let whole = doubled.min(self.longest);
        // If the system has no random numbers, the full delay is used.
        let random = getrandom::u32().unwrap_or(0);
        let left_out = whole.as_secs_f64() / 2.0 * f64::from(random) / f64::from(u32::MAX);
        whole.saturating_sub(Duration::from_secs_f64(left_out))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn the_time_between_attempts_doubles() {
        let backoff = Backoff::default();
        for (failed, whole) in [
            (0, 500),
            (1, 1000),
            (4, 8000),
            (5, 10_000),
            (u32::MAX, 10_000),
        ] {
            let whole = Duration::from_millis(whole);
            for _ in 0..100 {
                let before = backoff.before(failed);
                assert!(
                    before <= whole && before >= whole / 2,
                    "{failed}: {before:?}"
                );
            }
        }
    }
}

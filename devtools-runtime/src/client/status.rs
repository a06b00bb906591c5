//! What a client's connection is doing.

use std::fmt;
use std::time::Duration;

/// What a client's connection is doing, from [`DevToolsRpcClient::status`](crate::DevToolsRpcClient::status).
///
/// The words are those of the JavaScript client, which has no word for [`Suspicious`](Self::Suspicious).
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::client::ConnectionStatus;
///
/// /// Waits until calls go through.
/// async fn connected(rpc: &DevToolsRpcClient) -> bool {
///     let mut status = rpc.status();
///     let is_connected = |status: &ConnectionStatus| *status == ConnectionStatus::Connected;
///     status.wait_for(is_connected).await.is_ok()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// It is being made, or made again.
    Connecting,
    /// The server trusts the client: calls go through.
    Connected,
    /// A call has waited in vain, and the server is asked for a sign of life. Calls still go out. Either it answers, or the
    /// connection is given up and another attempt follows.
    Suspicious,
    /// The server does not trust the client, or no more. There is no further attempt.
    Unauthorized,
    /// It has ended, as a server that shuts down ends it. Another attempt follows, unless the client was closed.
    Disconnected,
    /// It broke, or could not be made. Another attempt follows.
    Error,
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Suspicious => "suspicious",
            Self::Unauthorized => "unauthorized",
            Self::Disconnected => "disconnected",
            Self::Error => "error",
        })
    }
}

/// How a client comes back after its connection was lost.
///
/// The time between two attempts doubles from `first` to `longest`. Up to half of it is left out at random, so
/// that many clients of a server that was restarted do not come back in step. There are as many attempts as it
/// takes.
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
    /// The time before the first attempt. Default: 500 milliseconds.
    pub first: Duration,
    /// The longest time between two attempts. Default: 10 seconds.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

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
    /// The time before an attempt that `failed` others have preceded.
    pub(crate) fn before(&self, failed: u32) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(failed));
        let whole = doubled.min(self.longest);
        // Without randomness the clients come back in step, which is no reason not to come back.
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

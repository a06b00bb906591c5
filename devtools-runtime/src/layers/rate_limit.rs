//! A layer that limits the rate of each session's calls.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::function::{LayerCall, LayerFuture, Next, RemoteError};
use crate::mutex::Mutex;

/// The rate at which each session may call: the argument of [`rate_limit`].
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::DevTools;
/// use devtools_runtime::layers::{RateLimit, rate_limit};
///
/// // 60 calls a minute, and at most 10 at once.
/// let limit = RateLimit::new().calls(60).per(Duration::from_secs(60)).burst(10);
/// let builder = DevTools::builder().layer_for("my-plugin:", rate_limit(limit));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a limit does nothing until it is a layer"]
pub struct RateLimit {
    calls: u32,
    per: Duration,
    burst: u32,
    sessions: usize,
    /// The name under which all processes count together.
    name: Option<&'static str>,
}

/// A rate that all processes count together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FleetRate {
    pub(crate) interval: Duration,
    pub(crate) burst: u32,
    pub(crate) clients: usize,
}

impl RateLimit {
    /// Returns the default rate: 100 calls a second, and 100 at once.
    pub fn new() -> Self {
        Self {
            calls: 100,
            per: Duration::from_secs(1),
            burst: 100,
            sessions: 1024,
            name: None,
        }
    }

    crate::setters! {
        /// Sets the number of calls that a session may make in each [`per`](Self::per), on average. Default: 100. 0 counts as
        /// 1.
        pub fn calls(calls: u32) { calls = calls.max(1) }

        /// Sets the period for [`calls`](Self::calls). Default: one second.
        pub fn per(per: Duration) { per = per }

        /// Sets the number of calls that a session may make at once after a pause. Default: 100. 0 counts as 1.
        pub fn burst(burst: u32) { burst = burst.max(1) }

        /// Sets the number of sessions that are remembered. Default: 1,024, as many as
        /// [`Limits::sessions`](crate::Limits::sessions) allows. 0 counts as 1.
        ///
        /// When the limit is reached, sessions that have their full `burst` again are removed first, which changes nothing for
        /// them. If there are none, the session that will have it soonest is removed.
        pub fn sessions(sessions: usize) { sessions = sessions.max(1) }

        /// Counts the calls of a client in all processes with the same [backplane](crate::backplane) together, under
        /// this name. Use each name for one layer only. Calls with the same token belong to one client, and calls
        /// without a token belong to one client if they come from the same address.
        ///
        /// A process takes a tenth of the burst at once, so a client that connects to another process may lose up to
        /// that many calls. The clocks of the processes should agree. While the backplane cannot be reached, each
        /// process counts alone.
        ///
        /// ```
        /// use std::time::Duration;
        ///
        /// use devtools_runtime::layers::RateLimit;
        ///
        /// let limit = RateLimit::new().calls(600).per(Duration::from_secs(60)).across_processes("search");
        /// ```
        pub fn across_processes(name: &'static str) { name = Some(name) }
    }

    /// Returns the time after which one more call is allowed.
    fn interval(&self) -> Duration {
        self.per / self.calls
    }
}

crate::default_is_new!(RateLimit);

/// Returns a layer that refuses the calls of a session that makes too many, with the code `rate-limited` and the data
/// `{"retryAfterMs": …}`. The program itself is not limited, nor is a dump that it makes.
///
/// Each layer counts on its own, so a layer for a prefix counts only the calls of its functions. A call by plain HTTP
/// has no session that outlives it, so all such calls with one token count together, and all such calls without a
/// token from one address.
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::{DevTools, layers::{RateLimit, rate_limit}};
///
/// let limit = RateLimit::new().calls(10).per(Duration::from_secs(60)).burst(5);
/// let builder = DevTools::builder().layer_for("search:", rate_limit(limit));
/// ```
pub fn rate_limit(
    limit: RateLimit,
) -> impl Fn(LayerCall, Next) -> LayerFuture + Send + Sync + 'static {
    let sessions = Arc::new(Mutex::new(ClientBuckets {
        limit,
        full_at: HashMap::new(),
    }));
    move |call, next| {
        let sessions = Arc::clone(&sessions);
        Box::pin(async move {
            let taken = match (limit.name, call.caller()) {
                (_, None) => Ok(()),
                (None, Some(caller)) => sessions.lock().take(caller, Instant::now()),
                (Some(name), Some(_)) => {
                    let rate = FleetRate {
                        interval: limit.interval(),
                        burst: limit.burst,
                        clients: limit.sessions,
                    };
                    call.take_of_fleet(name, rate).await
                }
            };
            if let Err(wait) = taken {
                return Err(too_many(&call, wait).into());
            }
            next.run(call).await
        })
    }
}

fn too_many(call: &LayerCall, wait: Duration) -> RemoteError {
    let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
    let message = format!("too many calls of `{}`: try again in {ms} ms", call.name());
    let mut error = RemoteError::coded("rate-limited", message);
    error.data = Some(serde_json::json!({ "retryAfterMs": ms }));
    error
}

/// The client whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum CountedClient {
    /// A session, by its number.
    Session(u64),
    /// The client of single HTTP requests, by its token.
    Token(Arc<str>),
    /// The client of single HTTP requests that sends no token, by its address if it is known.
    Address(Option<IpAddr>),
}

/// The remaining calls of each session.
struct ClientBuckets {
    limit: RateLimit,
    /// The time at which a session has its full `burst` again. A session that has it now needs no entry.
    full_at: HashMap<CountedClient, Instant>,
}

impl ClientBuckets {
    /// Takes one of the remaining calls of `caller`. If none remains, returns how long to wait.
    fn take(&mut self, caller: CountedClient, now: Instant) -> Result<(), Duration> {
        let interval = self.limit.interval();
        let most = interval.saturating_mul(self.limit.burst);
        let full_at = self.full_at.get(&caller).copied();
        let full_at = full_at.filter(|at| *at > now).unwrap_or(now);
        let next = full_at.checked_add(interval).unwrap_or(full_at);
        let wait = next.duration_since(now).saturating_sub(most);
        if !wait.is_zero() {
            return Err(wait);
        }
        if self.full_at.len() >= self.limit.sessions && !self.full_at.contains_key(&caller) {
            self.forget(now);
        }
        self.full_at.insert(caller, next);
        Ok(())
    }

    /// Makes room for the entry of a session.
    fn forget(&mut self, now: Instant) {
        self.full_at.retain(|_, at| *at > now);
        if self.full_at.len() >= self.limit.sessions {
            let first = self.full_at.iter().min_by_key(|(_, at)| **at);
            if let Some(first) = first.map(|(caller, _)| caller.clone()) {
                self.full_at.remove(&first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ClientBuckets, CountedClient, HashMap, RateLimit};

    fn sessions(limit: RateLimit) -> (ClientBuckets, Instant) {
        let full_at = HashMap::new();
        (ClientBuckets { limit, full_at }, Instant::now())
    }

    #[test]
    fn a_burst_is_allowed_and_then_so_many_in_each_time() {
        let (mut sessions, now) = sessions(RateLimit::new().calls(10).burst(3));
        for _ in 0..3 {
            assert_eq!(sessions.take(CountedClient::Session(1), now), Ok(()));
        }
        assert_eq!(
            sessions.take(CountedClient::Session(1), now),
            Err(Duration::from_millis(100))
        );
        assert_eq!(
            sessions.take(CountedClient::Session(2), now),
            Ok(()),
            "sessions count for themselves"
        );
        let later = now + Duration::from_millis(100);
        assert_eq!(sessions.take(CountedClient::Session(1), later), Ok(()));
        assert_eq!(
            sessions.take(CountedClient::Session(1), later),
            Err(Duration::from_millis(100))
        );
    }

    #[test]
    fn memory_is_bounded() {
        let (mut sessions, now) = sessions(RateLimit::new().sessions(4).burst(2).calls(1));
        for session in 0..100 {
            assert_eq!(sessions.take(CountedClient::Session(session), now), Ok(()));
        }
        assert_eq!(sessions.full_at.len(), 4);
        // Sessions that have their full `burst` again are removed together.
        let later = now + Duration::from_secs(10);
        assert_eq!(sessions.take(CountedClient::Session(1000), later), Ok(()));
        assert_eq!(sessions.full_at.len(), 1);
    }
}

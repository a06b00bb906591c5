//! Rates of calls that all processes count together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::function::PluginState;
use crate::host::backplane::{Backplane, BackplaneError, Message, Replaced};
use crate::layers::FleetRate;
use crate::mutex::Mutex;

/// The store of the rates.
const RATES: &str = "rates";

/// The number of attempts to count calls that other processes count too.
const ATTEMPTS: usize = 8;

/// A process takes a `PART`-th of a burst at once, so that not every call asks the backplane.
const PART: u32 = 10;

/// The number of old counts that are removed when a new one is added.
const REMOVED: usize = 2;

/// The counts of this process.
#[derive(Debug, Default)]
pub(crate) struct FleetRates {
    counts: Mutex<HashMap<String, ClientCount>>,
    /// Notified whenever this process has taken calls for a client, or has failed to.
    taken: Notify,
}

impl PluginState for FleetRates {}

/// The calls of a client.
#[derive(Debug, Default)]
struct ClientCount {
    /// The calls that this process has taken and not used.
    left: u32,
    /// Whether a call asks the backplane for more.
    is_asking: bool,
    /// The time until which no call of the client is left in any process.
    refused_until: Option<Instant>,
    stored: StoredCount,
}

/// The count in the backplane.
#[derive(Debug, Clone, Copy, Default)]
struct StoredCount {
    revision: Option<u64>,
    /// The time at which the client has its full burst again, in microseconds since 1970.
    full_at: u64,
}

impl FleetRates {
    /// Takes one call of the client `key`. If none is left, returns how long to wait.
    pub(crate) async fn take(
        &self,
        backplane: &Arc<dyn Backplane>,
        key: &str,
        rate: FleetRate,
    ) -> Result<(), Duration> {
        loop {
            let taken = self.taken.notified();
            let stored = {
                let mut counts = self.counts.lock();
                let count = counts.entry(key.to_owned()).or_default();
                if count.left > 0 {
                    count.left -= 1;
                    return Ok(());
                }
                let now = Instant::now();
                if let Some(until) = count.refused_until.filter(|until| *until > now) {
                    return Err(until - now);
                }
                if count.is_asking {
                    None
                } else {
                    count.is_asking = true;
                    Some(count.stored)
                }
            };
            let Some(stored) = stored else {
                taken.await;
                continue;
            };
            let asking = RateQuestion { rates: self, key };
            let result = asking.take(backplane, stored, rate).await;
            drop(asking);
            self.forget(backplane, key, rate).await;
            return result;
        }
    }

    /// Removes the counts of clients that have their full burst again. If there is none and there are too many counts, removes the one
    /// whose client has its full burst next.
    async fn forget(&self, backplane: &Arc<dyn Backplane>, key: &str, rate: FleetRate) {
        let old = {
            let mut counts = self.counts.lock();
            let now = now();
            let idle = counts
                .iter()
                .filter(|(name, it)| *name != key && !it.is_asking && it.stored.full_at <= now);
            let mut old: Vec<_> = idle.map(|(name, _)| name.clone()).take(REMOVED).collect();
            if old.is_empty() && counts.len() > rate.clients {
                let others = counts
                    .iter()
                    .filter(|(name, it)| *name != key && !it.is_asking);
                let first = others.min_by_key(|(_, it)| it.stored.full_at);
                old.extend(first.map(|(name, _)| name.clone()));
            }
            let removed = old.into_iter().map(|name| {
                let count = counts.remove(&name).unwrap_or_default();
                (name, count.stored)
            });
            removed.collect::<Vec<_>>()
        };
        for (name, stored) in old {
            if stored.revision.is_some() && stored.full_at <= now() {
                // If another process has changed the count meanwhile, the count stays.
                let _ = backplane.replace(RATES, &name, stored.revision, None).await;
            }
        }
    }
}

/// The call that asks the backplane for more calls. Others wait until this is dropped.
struct RateQuestion<'r> {
    rates: &'r FleetRates,
    key: &'r str,
}

impl RateQuestion<'_> {
    /// Takes calls in the backplane, and one of them for the caller.
    async fn take(
        &self,
        backplane: &Arc<dyn Backplane>,
        mut stored: StoredCount,
        rate: FleetRate,
    ) -> Result<(), Duration> {
        for _ in 0..ATTEMPTS {
            let (next, taken) = match take(rate, stored.full_at, now()) {
                Ok(taken) => taken,
                Err(wait) => {
                    // The count may be an old one, but no process ever lowers it.
                    self.update(|count| count.refused_until = Instant::now().checked_add(wait));
                    return Err(wait);
                }
            };
            let value = Message::of_head(next.to_be_bytes().to_vec());
            let replaced = backplane.replace(RATES, self.key, stored.revision, Some(value));
            let revision = match replaced.await {
                Ok(Replaced::Done(revision)) => Some(revision),
                Ok(Replaced::Conflict) => match self.read(backplane).await {
                    Ok(newer) => {
                        stored = newer;
                        continue;
                    }
                    Err(error) => alone(&error),
                },
                Err(error) => alone(&error),
            };
            self.update(|count| {
                count.left = taken - 1;
                count.refused_until = None;
                count.stored = StoredCount {
                    revision: revision.or(stored.revision),
                    full_at: next,
                };
            });
            return Ok(());
        }
        Err(rate.interval) // Other processes count calls of this client all the time.
    }

    async fn read(&self, backplane: &Arc<dyn Backplane>) -> Result<StoredCount, BackplaneError> {
        Ok(match backplane.get(RATES, self.key).await? {
            None => StoredCount::default(),
            Some((value, revision)) => StoredCount {
                revision: Some(revision),
                full_at: <[u8; 8]>::try_from(&*value.head).map_or(0, u64::from_be_bytes),
            },
        })
    }

    fn update(&self, change: impl FnOnce(&mut ClientCount)) {
        if let Some(count) = self.rates.counts.lock().get_mut(self.key) {
            change(count);
        }
    }
}

impl Drop for RateQuestion<'_> {
    fn drop(&mut self) {
        self.update(|count| count.is_asking = false);
        self.rates.taken.notify_waiters();
    }
}

/// Logs that this process counts alone for now, and returns no revision.
fn alone(error: &BackplaneError) -> Option<u64> {
    tracing::debug!(
        error = error as &dyn std::error::Error,
        "a rate is counted in this process alone for now"
    );
    None
}

/// Takes the calls that a process takes at once. Returns the time at which the client has its full burst again, and the number of
/// calls. If no call is left, fails with the time until there is one. Times are in microseconds.
fn take(rate: FleetRate, full_at: u64, now: u64) -> Result<(u64, u32), Duration> {
    let interval = micros(rate.interval).max(1);
    let most = interval.saturating_mul(rate.burst.into());
    // The time lies at most one burst ahead. If it lies further ahead, a process whose clock is wrong has written it, and all
    // processes would refuse calls until then. So it counts as a burst of which one call is left.
    let full_at = if full_at > now.saturating_add(most.saturating_mul(2)) {
        now.saturating_add(most).saturating_sub(interval)
    } else {
        full_at
    };
    let used = full_at.saturating_sub(now);
    let left = most.saturating_sub(used) / interval;
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    if left == 0 {
        let wait = used.saturating_add(interval).saturating_sub(most);
        return Err(Duration::from_micros(wait));
    }
    let taken = left.min((rate.burst / PART).max(1));
    let next = full_at.max(now);
    let next = next.saturating_add(interval.saturating_mul(taken.into()));
    Ok((next, taken))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, micros)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{FleetRate, FleetRates, take};
    use crate::host::backplane::{Backplane, InProcess};

    fn rate(burst: u32) -> FleetRate {
        FleetRate {
            interval: Duration::from_secs(1),
            burst,
            clients: 4,
        }
    }

    #[test]
    fn a_tenth_of_a_burst_is_taken_at_once() {
        let rate = rate(20);
        let (mut full_at, mut taken) = (0, 0);
        let now = 1_000_000_000;
        loop {
            match take(rate, full_at, now) {
                Ok((next, count)) => {
                    assert_eq!(count, 2);
                    full_at = next;
                    taken += count;
                }
                Err(wait) => {
                    assert_eq!((taken, wait), (20, Duration::from_secs(1)));
                    break;
                }
            }
        }
        let (_, count) = take(rate, full_at, now + 1_000_000).unwrap();
        assert_eq!(count, 1);
    }

    #[test]
    fn a_clock_that_is_ahead_does_not_keep_clients_out() {
        let (rate, now) = (rate(20), 1_000_000_000);
        let hour = 3_600_000_000;
        let (full_at, taken) = take(rate, now + hour, now).unwrap();
        assert_eq!((full_at, taken), (now + 20_000_000, 1));
        let wait = take(rate, full_at, now).unwrap_err();
        assert_eq!(wait, Duration::from_secs(1));
    }

    #[tokio::test]
    async fn processes_count_together() {
        let bus = InProcess::new();
        let links: Vec<Arc<dyn Backplane>> = vec![Arc::new(bus.link()), Arc::new(bus)];
        let processes = [FleetRates::default(), FleetRates::default()];
        let mut taken = 0;
        for number in 0..40 {
            let (process, link) = (&processes[number % 2], &links[number % 2]);
            if process.take(link, "client", rate(10)).await.is_ok() {
                taken += 1;
            }
        }
        assert_eq!(taken, 10);
        // Other clients have their own.
        assert_eq!(processes[0].take(&links[0], "other", rate(1)).await, Ok(()));
        assert!(
            processes[1]
                .take(&links[1], "other", rate(1))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn calls_at_once_ask_once_and_memory_is_bounded() {
        let link: Arc<dyn Backplane> = Arc::new(InProcess::new());
        let rates = Arc::new(FleetRates::default());
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (rates, link) = (Arc::clone(&rates), Arc::clone(&link));
            calls.spawn(async move { rates.take(&link, "client", rate(50)).await });
        }
        let results = calls.join_all().await;
        assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 50);
        for number in 0..100 {
            let key = format!("client {number}");
            rates.take(&link, &key, rate(50)).await.unwrap();
        }
        assert!(rates.counts.lock().len() <= 5);
    }
}

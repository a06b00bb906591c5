//! The time, as both processes see it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970: comparable between processes, and only ever shown.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_micros()).unwrap_or(u64::MAX)
}

/// How long ago that was.
pub(crate) fn since(at: u64) -> Duration {
    Duration::from_micros(now().saturating_sub(at))
}

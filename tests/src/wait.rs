//! Waiting in tests. Every wait has a limit, and its panic names the line that waited.

use std::panic::Location;
use std::time::Duration;

/// The limit of a wait. Something that has not happened by then never happens.
pub const LIMIT: Duration = Duration::from_secs(60);

/// The limit of a wait for something that a default of [`Limits`] would bring about too, but later:
/// `keep_alive` and `handshake` are 30 seconds.
///
/// [`Limits`]: devtools_runtime::Limits
pub const SHORT: Duration = Duration::from_secs(20);

/// How long a poll of a condition sleeps between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// Waits for a future.
///
/// # Panics
///
/// If it takes longer than [`LIMIT`].
#[track_caller]
pub fn in_time<F: Future>(future: F) -> impl Future<Output = F::Output> {
    within(LIMIT, future)
}

/// Waits for a future for a time that is part of what the test asserts.
///
/// # Panics
///
/// If it takes longer than `limit`.
#[track_caller]
pub fn within<F: Future>(limit: Duration, future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        tokio::time::timeout(limit, future)
            .await
            .unwrap_or_else(|_| panic!("the wait at {caller} took longer than {limit:?}"))
    }
}

/// Polls a condition until it holds.
///
/// # Panics
///
/// If it does not hold within [`LIMIT`].
#[track_caller]
pub fn eventually(condition: impl FnMut() -> bool) -> impl Future<Output = ()> {
    eventually_within(LIMIT, condition)
}

/// Polls a condition until it holds, for a time that is part of what the test asserts.
///
/// # Panics
///
/// If it does not hold within `limit`.
#[track_caller]
pub fn eventually_within(
    limit: Duration,
    mut condition: impl FnMut() -> bool,
) -> impl Future<Output = ()> {
    within(limit, async move {
        while !condition() {
            tokio::time::sleep(PAUSE).await;
        }
    })
}

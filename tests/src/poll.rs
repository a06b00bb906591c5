//! Polling a condition that a call answers.

use std::time::Duration;

use crate::wait::in_time;

/// How long a poll sleeps between two calls.
const PAUSE: Duration = Duration::from_millis(2);

/// Polls a condition that takes a while to find out, such as one that a call answers, until it holds.
///
/// # Panics
///
/// If it does not hold within [`LIMIT`](crate::wait::LIMIT).
#[track_caller]
pub fn eventually_async<F: Future<Output = bool>>(
    mut condition: impl FnMut() -> F,
) -> impl Future<Output = ()> {
    in_time(async move {
        while !condition().await {
            tokio::time::sleep(PAUSE).await;
        }
    })
}

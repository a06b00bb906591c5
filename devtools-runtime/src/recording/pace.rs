//! The speed at which a recording is replayed.

use std::time::Duration;

use tokio::time::Instant;

/// The longest delay, in place of one that is too long for a clock.
const FOREVER: Duration = Duration::from_secs(1 << 32);

/// The options of a replay, for [`DevTools::replay`](crate::DevTools::replay).
///
/// ```
/// use std::time::Duration;
///
/// use devtools_runtime::testing::ReplayOptions;
///
/// let slow = ReplayOptions::new().speed(0.5).patience(Duration::from_secs(60));
/// let fast = ReplayOptions::new().at_once();
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use = "options do nothing until a recording is replayed with them"]
pub struct ReplayOptions {
    /// The speed as a multiple of the recorded speed. `None` means without any delay.
    speed: Option<f64>,
    pub(super) patience: Duration,
}

impl ReplayOptions {
    /// Creates options for a replay as fast as the recording.
    pub const fn new() -> Self {
        Self {
            speed: Some(1.0),
            patience: Duration::from_secs(10),
        }
    }

    crate::setters! {
        /// Sets the speed of answers, events and chunks, as a multiple of the recorded speed. Default: 1. With 0.5
        /// they take twice the time. A speed that is not above 0 is taken as 1.
        pub const fn speed(speed: f64) { speed = Some(speed) }

        /// Sets how long an event waits for the requests that were recorded before it, beyond its recorded delay.
        /// Default: 10 seconds. After that it is sent without them.
        pub const fn patience(patience: Duration) { patience = patience }

        /// Leaves out all delays: answers come at once, and events and chunks as soon as the requests before them were made.
        pub const fn at_once() { speed = None }
    }

    /// Returns the duration in the replay of something that took `recorded` in the recording.
    pub(super) fn scaled(&self, recorded: Duration) -> Duration {
        match self.speed {
            None => Duration::ZERO,
            Some(speed) if speed > 0.0 => {
                Duration::try_from_secs_f64(recorded.as_secs_f64() / speed).unwrap_or(Duration::MAX)
            }
            Some(_) => recorded,
        }
    }
}

crate::default_is_new!(ReplayOptions);

/// Returns the moment that is `duration` after `now`.
pub(super) fn after(now: Instant, duration: Duration) -> Instant {
    now + duration.min(FOREVER)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::ReplayOptions;

    #[test]
    fn the_speed_divides_the_time() {
        let second = Duration::from_secs(1);
        let options = ReplayOptions::new();
        assert_eq!(options.scaled(second), second);
        assert_eq!(options.speed(4.0).scaled(second), second / 4);
        assert_eq!(options.speed(0.0).scaled(second), second);
        assert_eq!(options.speed(f64::NAN).scaled(second), second);
        assert_eq!(options.at_once().scaled(second), Duration::ZERO);
        assert_eq!(options.speed(1e-300).scaled(second), Duration::MAX);
    }
}

//! Distinguishes a process that has ended from a backplane that cannot be reached.

use std::time::Duration;

use tokio::time::Instant;

use crate::host::backplane::BackplaneError;

/// How long a process has to be missing before it counts as ended. After a restart of the backplane, a process needs
/// some time to connect again.
const MISSING: Duration = Duration::from_secs(5);

/// How long a process may be out of reach, for instance because the backplane cannot be reached.
const UNREACHABLE: Duration = Duration::from_secs(30);

/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// The requests to a process that have failed since the last answer.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    missing: Option<Instant>,
    unreachable: Option<Instant>,
}

impl Trouble {
    /// Notes that a request has failed, and waits before the next one.
    ///
    /// # Errors
    ///
    /// The error, if the process has to be given up.
    pub(super) async fn failed(&mut self, error: BackplaneError) -> Result<(), BackplaneError> {
        let now = Instant::now();
        let unreachable = *self.unreachable.get_or_insert(now);
        let is_over = match error {
            BackplaneError::Left => true,
            BackplaneError::NoResponder(_) => {
                let missing = *self.missing.get_or_insert(now);
                now - missing >= MISSING
            }
            _ => {
                self.missing = None;
                false
            }
        };
        if is_over || now - unreachable >= UNREACHABLE {
            return Err(error);
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

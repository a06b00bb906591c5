//! The tasks that belong to the messages.

use std::collections::HashMap;

use tokio_util::task::AbortOnDropHandle;

use crate::mutex::Mutex;

/// The tasks of a feed. They end with it.
#[derive(Debug, Default)]
pub(super) struct Timers {
    /// The task that soon tells clients that messages have changed.
    pub(super) telling: Mutex<Option<AbortOnDropHandle<()>>>,
    /// The tasks that remove messages when their time is over, by the id of the message.
    pub(super) expiring: Mutex<HashMap<String, AbortOnDropHandle<()>>>,
}

impl Timers {
    /// Ends the task that would remove this message.
    pub(super) fn cancel(&self, id: &str) {
        self.expiring.lock().remove(id);
    }

    pub(super) fn cancel_all(&self) {
        self.expiring.lock().clear();
    }
}

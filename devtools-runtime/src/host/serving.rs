//! What every way of serving a context stands on.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::blocking;
use crate::host::trust::watch;
use crate::host::{DevToolsContext, HostPattern, OriginPattern};

/// A context with its connections, and what only serving needs to know.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) context: DevToolsContext,
    pub(crate) settings: ServingSettings,
    /// The tasks of the connections, and the one that watches the stored tokens.
    pub(crate) tasks: TaskTracker,
    /// Ends all connections.
    pub(crate) closing: CancellationToken,
}

/// What only serving needs to know.
#[derive(Debug)]
pub(crate) struct ServingSettings {
    /// Where the functions are mounted: begins and ends with a slash.
    pub(crate) base: String,
    /// Origins whose pages may connect, besides those of this machine.
    pub(crate) allowed_origins: Vec<OriginPattern>,
    /// Hosts that the server answers to, besides those of this machine.
    pub(crate) allowed_hosts: Vec<HostPattern>,
    /// Origins whose pages may show the views in frames, besides those of this machine.
    pub(crate) allowed_frames: Vec<OriginPattern>,
    /// Whether addresses that others can reach may be bound although everybody is trusted.
    pub(crate) expose_without_auth: bool,
}

impl Serving {
    pub(crate) fn new(context: DevToolsContext, settings: ServingSettings) -> Self {
        let tasks = TaskTracker::new();
        let closing = CancellationToken::new();
        // Without a runtime there are no sessions either.
        if tokio::runtime::Handle::try_current().is_ok() {
            tasks.spawn(watch(context.clone(), closing.clone()));
        }
        Self {
            context,
            settings,
            tasks,
            closing,
        }
    }

    /// Ends all connections, and waits until their calls have ended, but not for ever.
    pub(crate) async fn shutdown(&self) {
        self.closing.cancel();
        self.tasks.close();
        // A connection takes as long to say farewell; what is left then is an action that hangs.
        let grace = self.context.limits().grace * 2;
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                ?grace,
                "calls that did not end in time are dropped with the program"
            );
        }
        let context = self.context.clone();
        let stored = blocking::store(move || context.states().store());
        if !matches!(tokio::time::timeout(grace, stored).await, Ok(Ok(()))) {
            tracing::warn!("settings could not be stored in time");
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

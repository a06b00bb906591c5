//! A context with its connections, which every way of serving uses.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::blocking;
use crate::function::BoxError;
use crate::host::allowed::{HostPattern, OriginPattern};
use crate::host::context::DevToolsContext;
use crate::host::fleet::{FleetMembership, Working, discover, store_changes};
use crate::host::trust::watch;
use crate::mutex::Mutex;

/// A context, its connections, and the settings for serving it.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) context: DevToolsContext,
    pub(crate) settings: ServingSettings,
    /// The tasks of the connections, and those that watch the stored tokens, store shared states and find workers.
    pub(crate) tasks: TaskTracker,
    /// Ends all connections.
    pub(crate) closing: CancellationToken,
    /// The membership among the processes of the program. Other processes do not reach this one once it is dropped.
    joined: Mutex<Option<FleetMembership>>,
}

/// The settings that matter for serving only.
#[derive(Debug)]
pub(crate) struct ServingSettings {
    /// The path of the mount. It begins and ends with a slash.
    pub(crate) base: String,
    /// Origins whose pages may connect, besides those of this machine.
    pub(crate) allowed_origins: Vec<OriginPattern>,
    /// Hosts that the server answers to, besides those of this machine.
    pub(crate) allowed_hosts: Vec<HostPattern>,
    /// Origins whose pages may show the views in frames, besides those of this machine.
    pub(crate) allowed_frames: Vec<OriginPattern>,
    /// Whether an address that other machines can reach may be bound although every client is trusted.
    pub(crate) expose_without_auth: bool,
    /// Whether the functions of workers are offered to clients.
    pub(crate) use_workers: bool,
    /// The name of this process, for other processes.
    pub(crate) process_name: Option<String>,
    /// Whether `serve` prints no address.
    pub(crate) quiet: bool,
    /// Writes the `OpenRPC` document of a context. `None` without the feature `typescript`.
    pub(crate) openrpc: Option<WriteOpenRpc>,
}

/// Writes the `OpenRPC` document of a context.
pub(crate) type WriteOpenRpc = fn(&DevToolsContext) -> Result<String, BoxError>;

impl Serving {
    pub(crate) fn new(
        context: DevToolsContext,
        settings: ServingSettings,
        joined: FleetMembership,
    ) -> Self {
        let tasks = TaskTracker::new();
        let closing = CancellationToken::new();
        // Without a tokio runtime there are no sessions whose tokens could be revoked.
        if tokio::runtime::Handle::try_current().is_ok() {
            tasks.spawn(watch(context.clone(), closing.clone()));
            let states = joined.states.clone();
            tasks.spawn(store_changes(context.clone(), states, closing.clone()));
            if settings.use_workers {
                tasks.spawn(discover(context.clone(), closing.clone()));
            }
        }
        Self {
            context,
            settings,
            tasks,
            closing,
            joined: Mutex::new(Some(joined)),
        }
    }

    /// Ends all connections, waits a limited time until their calls have ended, and stores the settings.
    pub(crate) async fn shutdown(&self) {
        let working = self.context.own_state::<Working>();
        self.closing.cancel();
        self.tasks.close();
        // Closing a connection takes up to `grace`. A task that is left after twice that time is an action that hangs.
        let grace = self.context.limits().grace * 2;
        // The future of `work` may have been dropped early, so this also waits until other processes have noticed that this
        // one takes no more calls.
        let worked = async {
            working.noticed().await;
            working.idle().await;
        };
        let ended = async { tokio::join!(self.tasks.wait(), worked) };
        if tokio::time::timeout(grace, ended).await.is_err() {
            tracing::warn!(
                ?grace,
                "some calls did not end in time; they are dropped when the program ends"
            );
        }
        let left = self.context.backplane().leave();
        if !matches!(tokio::time::timeout(grace, left).await, Ok(Ok(()))) {
            tracing::warn!(
                ?grace,
                "the backplane could not be left in time; the last events may not reach other processes"
            );
        }
        drop(self.joined.lock().take());
        #[cfg(feature = "recording")]
        if let Some(sink) = &self.context.settings().frame_sink {
            if tokio::time::timeout(grace, sink.flushed()).await.is_err() {
                tracing::warn!(
                    ?grace,
                    "the recording was not written in time; its last frames may be lost"
                );
            }
        }
        let context = self.context.clone();
        let stored = blocking::store(move || context.states().store());
        if !matches!(tokio::time::timeout(grace, stored).await, Ok(Ok(()))) {
            tracing::warn!(
                ?grace,
                "the settings were not stored in time; the last changes may be lost"
            );
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

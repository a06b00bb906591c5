//! Begins the replay of a recording in a context.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::host::DevToolsContext;
use crate::peer::{AccessCell, Interpose, Interposer};
use crate::recording::pace::ReplayOptions;
use crate::recording::recording::Recording;
use crate::recording::replay::SessionReplay;
use crate::recording::script::Scripts;

/// Answers the clients of a context from a recording.
struct ReplayServer {
    scripts: Arc<Scripts>,
    options: ReplayOptions,
    /// The number of sessions that have connected.
    connected: AtomicUsize,
    /// The replay of all calls without a connection, which are answered in their order. The lock is held while one request is answered.
    #[cfg(feature = "server")]
    single: crate::mutex::Mutex<SessionReplay>,
}

/// Answers the sessions that connect from now on from the recording. Returns `false` if a replay has begun before.
pub(crate) fn begin(
    context: &DevToolsContext,
    recording: &Recording,
    options: ReplayOptions,
) -> bool {
    let scripts = Arc::new(Scripts::new(recording));
    context.interpose(Box::new(ReplayServer {
        #[cfg(feature = "server")]
        single: crate::mutex::Mutex::new(SessionReplay::new(
            Arc::clone(&scripts),
            Arc::default(),
            options,
            Arc::new(AccessCell::new(crate::peer::ConnectionAccess::Open)),
        )),
        scripts,
        options,
        connected: AtomicUsize::new(0),
    }))
}

impl Interpose for ReplayServer {
    fn session(&self, access: Arc<AccessCell>) -> Box<dyn Interposer> {
        // The first client gets the first session, and so on. After the last session, the first one is used again.
        let number = self.connected.fetch_add(1, Ordering::Relaxed);
        let sessions = &self.scripts.sessions;
        let script = sessions.get(number % sessions.len().max(1)).cloned();
        Box::new(SessionReplay::new(
            Arc::clone(&self.scripts),
            script.unwrap_or_default(),
            self.options,
            access,
        ))
    }

    #[cfg(feature = "server")]
    fn single(
        &self,
        request: crate::peer::Frame,
        now: tokio::time::Instant,
    ) -> std::ops::ControlFlow<Option<(crate::peer::Frame, tokio::time::Instant)>> {
        self.single.lock().answer(request, now)
    }
}

crate::debug_impl! { ReplayServer { connected, .. } }

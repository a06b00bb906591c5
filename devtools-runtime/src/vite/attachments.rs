//! The Vite processes that are attached to a context.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::function::PluginState;
use crate::host::{DevToolsContext, Listeners};
use crate::protocol::vite::{FileEvent, HotUpdate, TransformEvent, ViteConfig};
use crate::vite::configs::Configs;
use crate::vite::server::ViteServer;

/// The state of a context that belongs to Vite. Clones are the same state.
#[derive(Debug, Clone, Default)]
pub(super) struct Attachments(Arc<Inner>);

impl PluginState for Attachments {}

#[derive(Debug, Default)]
struct Inner {
    configs: Configs,
    /// The attached servers, in the order in which they were attached. Usually there is one.
    servers: Mutex<Vec<ViteServer>>,
    /// The last of `servers`. It is sent while that is locked, so that both change in the same order.
    current: watch::Sender<Option<ViteServer>>,
    files: Listeners<FileEvent>,
    updates: Listeners<HotUpdate>,
    transforms: Listeners<TransformEvent>,
}

impl Attachments {
    pub(super) fn of(context: &DevToolsContext) -> &Self {
        context.own_state()
    }

    pub(super) fn set_config(&self, config: ViteConfig) {
        self.0.configs.set(config);
    }

    pub(super) fn config(&self) -> Option<&ViteConfig> {
        self.0.configs.latest()
    }

    /// Adds a server. It takes the place of an earlier one of the same session.
    pub(super) fn attach(&self, server: ViteServer) {
        let mut servers = self.servers();
        servers.retain(|other| other.session().id() != server.session().id());
        if !server.session().is_closed() {
            servers.push(server);
        }
        self.0.current.send_replace(servers.last().cloned());
    }

    /// Removes the server of a session that has ended.
    pub(super) fn detach(&self, session: u64) {
        let mut servers = self.servers();
        let before = servers.len();
        servers.retain(|server| server.session().id() != session);
        if servers.len() < before {
            self.0.current.send_replace(servers.last().cloned());
        }
    }

    pub(super) fn current(&self) -> Option<ViteServer> {
        self.0.current.borrow().clone()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Option<ViteServer>> {
        self.0.current.subscribe()
    }

    pub(super) fn files(&self) -> &Listeners<FileEvent> {
        &self.0.files
    }

    pub(super) fn updates(&self) -> &Listeners<HotUpdate> {
        &self.0.updates
    }

    pub(super) fn transforms(&self) -> &Listeners<TransformEvent> {
        &self.0.transforms
    }

    fn servers(&self) -> MutexGuard<'_, Vec<ViteServer>> {
        // No critical section can leave the list half changed.
        self.0
            .servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

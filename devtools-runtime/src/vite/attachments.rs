//! The Vite processes that are attached to a context.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::function::PluginState;
use crate::host::{DevToolsContext, RpcSession, broadcast_at_once};
use crate::listeners::Listeners;
use crate::mutex::Mutex;
use crate::protocol::vite::{FileEvent, HotUpdate, NamesAdded, TransformEvent, ViteConfig};
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
    servers: Mutex<Vec<Attachment>>,
    /// The server of the last of `servers`. It is sent while that is locked, so that both change in the same order.
    current: watch::Sender<Option<ViteServer>>,
    files: Listeners<FileEvent>,
    updates: Listeners<HotUpdate>,
    transforms: Listeners<TransformEvent>,
}

/// An attached server.
#[derive(Debug)]
struct Attachment {
    server: ViteServer,
    /// The position of its configuration in the list of configurations.
    config: usize,
    /// Whether the server was told of new names and has not asked for them yet.
    is_told: AtomicBool,
}

impl Attachment {
    fn is_of(&self, session: u64) -> bool {
        self.server.session().id() == session
    }
}

impl Attachments {
    pub(super) fn of(context: &DevToolsContext) -> &Self {
        context.own_state()
    }

    /// Makes `config` the current configuration. Returns its position.
    pub(super) fn set_config(&self, config: ViteConfig) -> usize {
        self.0.configs.set(config)
    }

    pub(super) fn config(&self) -> Option<&ViteConfig> {
        self.0.configs.current()
    }

    /// Adds a server, which has the configuration at the position `config`. It takes the place of an earlier one of the same session.
    pub(super) fn attach(&self, server: ViteServer, config: usize) {
        let session = server.session().clone();
        let mut servers = self.0.servers.lock();
        servers.retain(|other| !other.is_of(session.id()));
        if !session.is_closed() {
            servers.push(Attachment {
                server,
                config,
                is_told: AtomicBool::new(false),
            });
        }
        self.show_last(&servers);
    }

    /// Removes the server of a session that has ended. If another one is attached, its configuration is the current one again.
    pub(super) fn detach(&self, session: u64) {
        let mut servers = self.0.servers.lock();
        let before = servers.len();
        servers.retain(|other| !other.is_of(session));
        if servers.len() < before {
            if let Some(last) = servers.last() {
                self.0.configs.select(last.config);
            }
            self.show_last(&servers);
        }
    }

    fn show_last(&self, servers: &[Attachment]) {
        let last = servers.last().map(|last| last.server.clone());
        self.0.current.send_replace(last);
    }

    /// Notes that a session asks for the names of the program.
    pub(super) fn asked(&self, session: u64) {
        if let Some(asking) = self
            .0
            .servers
            .lock()
            .iter()
            .find(|other| other.is_of(session))
        {
            asking.is_told.store(false, Ordering::Release);
        }
    }

    /// Tells the servers that the program has new names. A server that was told already, and has not asked since, is not told again.
    pub(super) fn tell_of_names(&self) {
        let servers = self.0.servers.lock();
        let untold = servers
            .iter()
            .filter(|other| !other.is_told.swap(true, Ordering::AcqRel));
        let sessions: Vec<RpcSession> =
            untold.map(|other| other.server.session().clone()).collect();
        drop(servers);
        if let Err(error) = broadcast_at_once::<NamesAdded>(sessions.into(), &()) {
            tracing::warn!(%error, "Vite could not be told of new views, states or channels");
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
}

//! The open pages that offer tools to agents.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::function::PluginState;
use crate::host::context::DevToolsContext;
use crate::host::session::RpcSession;
use crate::mutex::Mutex;
use crate::protocol::agent::{PageInfo, PageTool};

use super::page_tools::{forwarded, list_clients};

/// The pages of a context, by their sessions.
#[derive(Debug, Default)]
pub(crate) struct AgentPages {
    open: Mutex<BTreeMap<u64, Page>>,
    changed: watch::Sender<()>,
}

impl PluginState for AgentPages {}

/// A page that offers tools.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) session: RpcSession,
    /// The name that the page gave itself, which stays when it connects again.
    pub(crate) client: String,
    pub(crate) tools: Vec<PageTool>,
    pub(crate) info: PageInfo,
    pub(crate) connected_at: Duration,
    /// When the page last had the focus. Zero if it never had.
    focused_at: Duration,
    synced_at: Duration,
}

impl AgentPages {
    pub(super) fn of(context: &DevToolsContext) -> &Self {
        context.own_state()
    }

    /// Replaces the tools of a page.
    pub(super) fn sync(
        &self,
        session: RpcSession,
        client: String,
        tools: Vec<PageTool>,
        info: PageInfo,
    ) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut open = self.open.lock();
        let before = open.remove(&session.id());
        let is_other = before.as_ref().is_none_or(|page| page.tools != tools);
        let focused_before = before
            .as_ref()
            .map_or(Duration::ZERO, |page| page.focused_at);
        // A session that has ended meanwhile is not told to leave again.
        if !session.is_closed() {
            let page = Page {
                focused_at: if info.focused { now } else { focused_before },
                connected_at: before.map_or(now, |page| page.connected_at),
                synced_at: now,
                session,
                client,
                tools,
                info,
            };
            open.insert(page.session.id(), page);
        }
        drop(open);
        if is_other {
            self.changed.send_replace(());
        }
    }

    /// Removes the page of a session that has ended.
    pub(super) fn leave(&self, session: &RpcSession) {
        if self.open.lock().remove(&session.id()).is_some() {
            self.changed.send_replace(());
        }
    }

    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Returns the pages whose sessions are open.
    pub(super) fn list(&self) -> Vec<Page> {
        let open = self.open.lock();
        let open = open.values().filter(|page| !page.session.is_closed());
        open.cloned().collect()
    }

    /// Returns the tools of all pages, and the one that lists the pages, sorted by name.
    pub(super) fn tools(&self) -> Vec<PageTool> {
        let pages = self.list();
        if pages.is_empty() {
            return Vec::new();
        }
        let mut tools = BTreeMap::new();
        for tool in pages.iter().flat_map(|page| &page.tools) {
            tools
                .entry(tool.id.clone())
                .or_insert_with(|| forwarded(tool));
        }
        let list = list_clients();
        tools.insert(list.id.clone(), list);
        tools.into_values().collect()
    }

    /// Returns the page that runs a tool: the one with this name, or the one that the user looked at last.
    pub(super) fn target(&self, tool: &str, client: Option<&str>) -> Option<Page> {
        let pages = self.list().into_iter();
        pages
            .filter(|page| page.tools.iter().any(|it| it.id == tool))
            .filter(|page| client.is_none_or(|client| page.client == client))
            .max_by_key(|page| {
                let seen = page.info.visible.then_some(page.focused_at);
                (seen, page.synced_at)
            })
    }
}

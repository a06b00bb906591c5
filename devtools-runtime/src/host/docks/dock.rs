//! Registering, changing and opening dock entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::broadcast::broadcast_at_once;
use crate::host::context::DevToolsContext;
use crate::host::docks::addresses::below_root_path;
use crate::host::docks::entry::DockEntry;
use crate::host::docks::own_states::{ACTIVE, ENTRIES, OWN, RENDERERS};
use crate::host::docks::script::ClientScript;
use crate::host::docks::view::DockView;
use crate::protocol::docks::{DockActivated, DockActivation};
use crate::state::{SharedState, SharedStateError};
use crate::wire::js;

/// The dock of a context, from [`DevToolsContext::docks`]: the entries that the interface shows.
///
/// ```
/// use devtools_runtime::{DevToolsContext, DevToolsPlugin, DockEntry, SetupError};
///
/// struct Analytics;
///
/// impl DevToolsPlugin for Analytics {
///     fn name(&self) -> &str {
///         "analytics"
///     }
///
///     async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
///         let entry = DockEntry::iframe("analytics", "Analytics", "/__analytics/").icon("ph:chart-bar");
///         ctx.docks().register(entry)?;
///         Ok(())
///     }
/// }
/// ```
///
/// An address that begins with a slash starts from the root of this program, such as that of a view: the interface receives it below
/// the [root path](crate::DevToolsBuilder::root_path).
///
/// The entries are in the shared state `devframe:docks`, in the order in which they were registered. The entry that was
/// opened last is in `devframe:docks:active` ([protocol 13.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#131-states)).
#[derive(Debug, Clone, Copy)]
pub struct Docks<'a> {
    context: &'a DevToolsContext,
}

/// The reason for which the dock was not changed.
///
/// ```
/// use devtools_runtime::docks::DockError;
/// use devtools_runtime::{DevTools, DockEntry};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let docks = devtools.context().docks();
/// docks.register(DockEntry::iframe("docs", "Docs", "/__docs/"))?;
/// let again = docks.register(DockEntry::iframe("docs", "Other docs", "/__other/"));
/// assert_eq!(again, Err(DockError::Duplicate("docs".to_owned())));
/// let misspelt = docks.update("dcos", |entry| entry.with_title("Documentation"));
/// assert_eq!(misspelt, Err(DockError::Unknown("dcos".to_owned())));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DockError {
    /// Another entry has the id.
    #[error(
        "a dock entry with the id `{0}` exists already: change it with `update`, or choose another id"
    )]
    Duplicate(String),
    /// No entry has the id.
    #[error("no dock entry has the id `{0}`: register it first")]
    Unknown(String),
    /// A change tried to replace the id of an entry.
    #[error(
        "the id of the dock entry `{id}` cannot change to `{other}`: register another entry instead"
    )]
    Renamed {
        /// The id of the entry.
        id: String,
        /// The id that the change set.
        other: String,
    },
    /// An entry cannot be a member of itself.
    #[error("the dock entry `{0}` cannot be a member of itself")]
    OwnMember(String),
    /// A group cannot be a member of a group.
    #[error("the group `{0}` cannot be a member of a group")]
    NestedGroup(String),
}

/// The value of the shared state [`ACTIVE`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Active {
    activation: Option<DockActivation>,
}

/// The value of the shared state [`RENDERERS`]: scripts by the type of the entries that they render.
type Renderers = BTreeMap<String, ClientScript>;

impl DevToolsContext {
    /// Returns the dock entries, through which users find the hosted pages.
    pub fn docks(&self) -> Docks<'_> {
        Docks::new(self)
    }
}

impl<'a> Docks<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// If another entry has the id, or the entry cannot be a member of its group.
    pub fn register(self, entry: DockEntry) -> Result<(), DockError> {
        check(&entry)?;
        self.change(|entries| {
            if entries.iter().any(|other| other.id == entry.id) {
                return Err(DockError::Duplicate(entry.id));
            }
            entries.push(entry);
            Ok(())
        })
    }

    /// Changes an entry. `change` must not use the dock itself, which is locked meanwhile: that would wait for ever.
    ///
    /// ```
    /// # use devtools_runtime::DevToolsContext;
    /// # use devtools_runtime::docks::{BadgeVariant, DockError};
    /// # fn example(ctx: &DevToolsContext) -> Result<(), DockError> {
    /// ctx.docks().update("my-plugin", |entry| entry.badge("7", BadgeVariant::Danger))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If no entry has this id, `change` sets another id, or the entry cannot be a member of its group.
    pub fn update(
        self,
        id: &str,
        change: impl FnOnce(DockEntry) -> DockEntry,
    ) -> Result<(), DockError> {
        self.change(|entries| {
            let entry = entries.iter_mut().find(|entry| entry.id == id);
            let entry = entry.ok_or_else(|| DockError::Unknown(id.to_owned()))?;
            let changed = change(entry.clone());
            if changed.id != id {
                return Err(DockError::Renamed {
                    id: id.to_owned(),
                    other: changed.id,
                });
            }
            check(&changed)?;
            *entry = changed;
            Ok(())
        })
    }

    /// Removes an entry. Returns `false` if no entry has this id.
    pub fn remove(self, id: &str) -> bool {
        let removed = self.change(|entries| {
            let before = entries.len();
            entries.retain(|entry| entry.id != id);
            Ok(entries.len() < before)
        });
        removed.unwrap_or(false)
    }

    /// Returns the entries, in the order in which they were registered.
    pub fn list(self) -> Vec<DockEntry> {
        self.context.dock_list().lock().clone()
    }

    /// Sets the script that renders entries of a type in the interface, such as `json-render`. It replaces the script that
    /// was set before. The script is an ES module, hosted by the program or elsewhere; the interface calls
    /// its default export, or the export that [`ClientScript::import_name`] names.
    ///
    /// ```
    /// # use devtools_runtime::docks::{ClientScript, DockError, JsonRenderDock};
    /// # use devtools_runtime::{DevToolsContext, DockEntry};
    /// # fn example(ctx: &DevToolsContext) -> Result<(), DockError> {
    /// ctx.docks().renderer("json-render", ClientScript::new("/__my-plugin/json-render.mjs"));
    /// ctx.docks().register(DockEntry::new("report", "Report", JsonRenderDock::state("my-plugin:report")))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The scripts are in the shared state `devframe:dock-renderers`.
    pub fn renderer(self, entry_type: impl Into<String>, script: ClientScript) {
        let states = self.context.states();
        let renderers = states.open_own(RENDERERS, Renderers::new(), OWN);
        let told = renderers.map_err(drop).and_then(|renderers| {
            let script = below_root_path(self.context.root_path(), &script);
            let named = renderers.mutate(|renderers| renderers.insert(entry_type.into(), script));
            named.map_err(drop)
        });
        if told.is_err() {
            tracing::warn!(
                key = RENDERERS,
                "the shared state with the renderers could not be updated, so interfaces miss one"
            );
        }
    }

    /// Opens an entry in every connected interface. An id that is not registered is sent too, with a warning in the log,
    /// because an interface may have entries of its own.
    ///
    /// ```
    /// # use devtools_runtime::{DevToolsContext, js};
    /// # fn example(ctx: &DevToolsContext) {
    /// let params = js::Value::Object(vec![("tab".to_owned(), "errors".into())]);
    /// ctx.docks().activate("my-plugin", params);
    /// # }
    /// ```
    pub fn activate(self, id: impl Into<String>, params: impl Into<js::Value>) {
        self.activated(DockActivation {
            dock_id: id.into(),
            params: params.into(),
        });
    }

    /// Calls `listener` whenever [`activate`](Self::activate) or a client's `hub:docks:activate` opens an entry ([protocol 13.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#134-calls)). The
    /// interface does not report clicks of the user.
    ///
    /// The listener runs in the task that opens the entry, so start a task for slow work.
    pub fn on_activate(self, listener: impl Fn(&DockActivation) + Send + Sync + 'static) {
        self.context.dock_list().activated.add(listener);
    }

    pub(crate) fn activated(self, activation: DockActivation) {
        let list = self.context.dock_list();
        let id = &activation.dock_id;
        if !list.lock().iter().any(|entry| entry.id == *id) {
            tracing::warn!(
                id,
                "an interface is asked to open a dock entry that is not registered"
            );
        }
        let states = self.context.states();
        let active = states.open_own(ACTIVE, Active::default(), OWN);
        let shared = active.map_err(drop).and_then(|active| {
            let activation = Some(activation.clone());
            active.set(Active { activation }).map_err(drop)
        });
        if shared.is_err() {
            tracing::warn!(
                key = ACTIVE,
                "the shared state of the dock has another type, so it is not updated"
            );
        }
        // This function is not async, so it cannot wait for room in the queues.
        let audience = self.context.rpc().audience();
        if let Err(error) = broadcast_at_once::<DockActivated>(audience, &(activation.clone(),)) {
            tracing::warn!(%error, "the request to open a dock entry could not be sent");
        }
        list.activated.notify(&activation);
    }

    /// Changes the list, and sends it to the clients.
    fn change<R>(
        self,
        change: impl FnOnce(&mut Vec<DockEntry>) -> Result<R, DockError>,
    ) -> Result<R, DockError> {
        // Before the list is locked, because listeners for new states may read the list.
        let shared = self.share();
        let mut entries = self.context.dock_list().lock();
        let result = change(&mut entries)?;
        let told = shared.map_err(drop).and_then(|shared| {
            let entries = below_root_path(self.context.root_path(), &*entries);
            shared.set(entries).map_err(drop)
        });
        if told.is_err() {
            tracing::warn!(
                key = ENTRIES,
                "the shared state of the dock has another type, so it is not updated"
            );
        }
        Ok(result)
    }

    /// Opens the shared states by which the interface reads the dock, and returns that of the entries.
    fn share(self) -> Result<SharedState<Vec<DockEntry>>, SharedStateError> {
        let states = self.context.states();
        let entries = states.open_own(ENTRIES, Vec::new(), OWN)?;
        states.open_own(ACTIVE, Active::default(), OWN)?;
        states.open_own(RENDERERS, Renderers::new(), OWN)?;
        Ok(entries)
    }
}

fn check(entry: &DockEntry) -> Result<(), DockError> {
    let id = || entry.id.clone();
    match &entry.group_id {
        Some(group) if *group == entry.id => Err(DockError::OwnMember(id())),
        Some(_) if matches!(entry.view, DockView::Group(_)) => Err(DockError::NestedGroup(id())),
        _ => Ok(()),
    }
}

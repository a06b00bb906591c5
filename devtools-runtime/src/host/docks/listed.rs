//! The entries that are there.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::host::docks::command::COMMANDS;
use crate::host::docks::{ClientScript, DockEntry, DockView};
use crate::host::{DevToolsContext, broadcast_at_once};
use crate::protocol::docks::{DockActivated, DockActivation};
use crate::state::{OwnState, SharedState, SharedStateError, StateOptions};
use crate::wire::js;

/// The entries that the interface shows.
const ENTRIES: &str = "devframe:docks";

/// The scripts that render entries of further types.
const RENDERERS: &str = "devframe:dock-renderers";

/// The one that was opened last.
const ACTIVE: &str = "devframe:docks:active";

/// The states that only the runtime writes.
pub(crate) const OWN_STATES: &[OwnState] = &[
    OwnState {
        key: ENTRIES,
        instead: "ctx.docks()",
    },
    OwnState {
        key: RENDERERS,
        instead: "ctx.docks().renderer(…)",
    },
    OwnState {
        key: ACTIVE,
        instead: "ctx.docks().activate(…)",
    },
    OwnState {
        key: COMMANDS,
        instead: "ctx.commands()",
    },
];

/// Clients only read them.
pub(super) const OWN: StateOptions = StateOptions::new().read_only();

/// The dock of a context, from [`DevToolsContext::docks`]: what the interface shows of its tools.
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
/// The entries are in the shared state `devframe:docks`, in the order in which they were registered; the one that
/// was opened last is in `devframe:docks:active` ([protocol 13.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#131-states)).
#[derive(Debug, Clone, Copy)]
pub struct Docks<'a> {
    context: &'a DevToolsContext,
}

/// Why the dock was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DockError {
    /// Another entry has the id (DF8100).
    #[error("there is a dock entry `{0}` already")]
    Duplicate(String),
    /// No entry has the id (DF8102).
    #[error("there is no dock entry `{0}`")]
    Unknown(String),
    /// An entry keeps its id (DF8101).
    #[error("the dock entry `{id}` cannot become `{other}`: register that one")]
    Renamed {
        /// The id of the entry.
        id: String,
        /// What it was to become.
        other: String,
    },
    /// An entry is no member of itself (DF8103).
    #[error("the dock entry `{0}` cannot be a member of itself")]
    OwnMember(String),
    /// A group is no member of a group (DF8104).
    #[error("the group `{0}` cannot be a member of a group")]
    NestedGroup(String),
}

/// The entries of a context, and who wants to hear when one is opened.
#[derive(Default)]
pub(crate) struct DockList {
    /// The lock is held while a change of the list is told, which takes no time.
    entries: Mutex<Vec<DockEntry>>,
    activated: Mutex<Vec<Listener>>,
}

type Listener = Arc<dyn Fn(&DockActivation) + Send + Sync>;

/// What the interface reads of the entry that was opened last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Active {
    activation: Option<DockActivation>,
}

/// The scripts by the type of the entries.
type Renderers = BTreeMap<String, ClientScript>;

impl<'a> Docks<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// If another one has its id, or it is a member of what it cannot be a member of.
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

    /// Changes an entry. `change` must not change the dock itself: that never ends.
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
    /// If there is none of this id, it was to get another one, or it is a member of what it cannot be a member of.
    pub fn update(
        self,
        id: &str,
        change: impl FnOnce(DockEntry) -> DockEntry,
    ) -> Result<(), DockError> {
        self.change(|entries| {
            let place = entries.iter_mut().find(|entry| entry.id == id);
            let place = place.ok_or_else(|| DockError::Unknown(id.to_owned()))?;
            let changed = change(place.clone());
            if changed.id != id {
                return Err(DockError::Renamed {
                    id: id.to_owned(),
                    other: changed.id,
                });
            }
            check(&changed)?;
            *place = changed;
            Ok(())
        })
    }

    /// Takes an entry out. `false` if there is none of this id.
    pub fn remove(self, id: &str) -> bool {
        let removed = self.change(|entries| {
            let before = entries.len();
            entries.retain(|entry| entry.id != id);
            Ok(entries.len() < before)
        });
        removed.unwrap_or(false)
    }

    /// The entries, in the order in which they were registered.
    pub fn list(self) -> Vec<DockEntry> {
        self.context.dock_list().lock().clone()
    }

    /// Names the script that renders entries of a type in the interface: of `json-render`, say. It takes the place of
    /// one that was named before. The script is an ES module, hosted by the program or elsewhere; the interface calls
    /// its default export, or what [`ClientScript::import_name`] names.
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
            let named = renderers.mutate(|renderers| renderers.insert(entry_type.into(), script));
            named.map_err(drop)
        });
        if told.is_err() {
            tracing::warn!(key = RENDERERS, "clients are not told of a renderer");
        }
    }

    /// Opens an entry in every interface that is connected. An id that nobody has is told to them all the same, with a
    /// warning in the log: an interface may have entries of its own.
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

    /// Calls `listener` whenever an entry is opened by [`activate`](Self::activate), or by a client's
    /// `hub:docks:activate` ([protocol 13.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#134-calls)). What a user clicks stays in the interface.
    ///
    /// It runs where that happens: what takes time goes into a task of its own.
    pub fn on_activate(self, listener: impl Fn(&DockActivation) + Send + Sync + 'static) {
        let listeners = &self.context.dock_list().activated;
        let mut listeners = listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.push(Arc::new(listener));
    }

    pub(crate) fn activated(self, activation: DockActivation) {
        let list = self.context.dock_list();
        let id = &activation.dock_id;
        if !list.lock().iter().any(|entry| entry.id == *id) {
            tracing::warn!(id, "a dock entry is to be opened that is not registered");
        }
        let states = self.context.states();
        let active = states.open_own(ACTIVE, Active::default(), OWN);
        let shared = active.map_err(drop).and_then(|active| {
            let activation = Some(activation.clone());
            active.set(Active { activation }).map_err(drop)
        });
        if shared.is_err() {
            tracing::warn!(key = ACTIVE, "the shared state is not one of the dock");
        }
        // There is nobody to wait for room.
        let audience = self.context.rpc().audience();
        if let Err(error) = broadcast_at_once::<DockActivated>(audience, &(activation.clone(),)) {
            tracing::warn!(%error, "a dock entry is not opened");
        }
        let listeners = list
            .activated
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for listener in listeners {
            if catch_unwind(AssertUnwindSafe(|| listener(&activation))).is_err() {
                tracing::warn!("a listener panicked");
            }
        }
    }

    /// Changes the list, and tells the clients.
    fn change<R>(
        self,
        change: impl FnOnce(&mut Vec<DockEntry>) -> Result<R, DockError>,
    ) -> Result<R, DockError> {
        // Before the list is locked: whoever hears of new states may look at it.
        let shared = self.share();
        let mut entries = self.context.dock_list().lock();
        let result = change(&mut entries)?;
        let told = shared.map_err(drop).and_then(|shared| {
            let entries = entries.clone();
            shared.set(entries).map_err(drop)
        });
        if told.is_err() {
            tracing::warn!(key = ENTRIES, "the shared state is not one of the dock");
        }
        Ok(result)
    }

    /// What the interface reads of a dock.
    fn share(self) -> Result<SharedState<Vec<DockEntry>>, SharedStateError> {
        let states = self.context.states();
        let entries = states.open_own(ENTRIES, Vec::new(), OWN)?;
        states.open_own(ACTIVE, Active::default(), OWN)?;
        states.open_own(RENDERERS, Renderers::new(), OWN)?;
        Ok(entries)
    }
}

impl DockList {
    fn lock(&self) -> MutexGuard<'_, Vec<DockEntry>> {
        // Whatever panics does so before the list is changed.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DockList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.lock();
        f.debug_list()
            .entries(entries.iter().map(DockEntry::id))
            .finish()
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

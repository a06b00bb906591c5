//! The functions for docks ([protocol 13](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-docks)).

use serde::{Deserialize, Serialize};

use crate::wire::js;

functions! {
    /// Asks to open an entry of the dock.
    ActivateDock = "hub:docks:activate", Action, Server, StructuredClone,
    (activation: DockActivation) -> js::Undefined;

    /// Tells the interface to open an entry of the dock.
    DockActivated = "devframe:docks:activate", Event, Client, StructuredClone,
    (activation: DockActivation) -> ();

    /// Runs a command.
    ExecuteCommand = "hub:commands:execute", Action, Server, StructuredClone,
    (id: String) -> js::Value;
}

/// The event that an entry of the dock was opened, with parameters.
///
/// ```
/// use devtools_runtime::docks::DockActivation;
/// use devtools_runtime::DevToolsContext;
///
/// fn log_openings(ctx: &DevToolsContext) {
///     ctx.docks().on_activate(|DockActivation { dock_id, params, .. }: &DockActivation| {
///         println!("{dock_id} was opened with {params:?}");
///     });
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DockActivation {
    /// The id of the entry.
    pub dock_id: String,
    /// Parameters for the entry, in a form that it defines. `undefined` if there are none.
    #[serde(default)]
    pub params: js::Value,
}

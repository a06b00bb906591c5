//! Docks, as the interface knows them ([protocol 13](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-docks)).

use serde::{Deserialize, Serialize};

use crate::wire::js;

function! {
    /// Has an entry of the dock opened.
    ActivateDock = "hub:docks:activate", Action, Server, StructuredClone,
    (activation: DockActivation) -> js::Undefined
}

function! {
    /// Tells the interface to open an entry of the dock.
    DockActivated = "devframe:docks:activate", Event, Client, StructuredClone,
    (activation: DockActivation) -> ()
}

function! {
    /// Runs a command.
    ExecuteCommand = "hub:commands:execute", Action, Server, StructuredClone,
    (id: String) -> js::Value
}

/// That an entry of the dock was opened, and with what.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DockActivation {
    /// The id of the entry.
    pub dock_id: String,
    /// What the entry is to show, in a form that it and whoever opens it agree on; `undefined` if nothing was said.
    #[serde(default)]
    pub params: js::Value,
}

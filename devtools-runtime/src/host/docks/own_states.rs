//! The shared states through which the interface reads the dock and the commands ([protocol 13.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#131-states)).

use crate::state::{OwnState, StateOptions};

/// The entries that the interface shows.
pub(super) const ENTRIES: &str = "devframe:docks";

/// The scripts that render entries of further types.
pub(super) const RENDERERS: &str = "devframe:dock-renderers";

/// The commands that the interface shows.
pub(super) const COMMANDS: &str = "devframe:commands";

/// The entry that was opened last.
pub(super) const ACTIVE: &str = "devframe:docks:active";

/// The states that only the runtime changes.
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

/// The options of these states: clients only read them.
pub(super) const OWN: StateOptions = StateOptions::new().read_only().per_process();

//! The dock: the entries that the interface shows, and opens ([protocol 13](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-docks)).

mod command;
mod entry;
mod functions;
mod listed;

pub(crate) use self::command::CommandList;
pub(crate) use self::functions::register;
pub(crate) use self::listed::{DockList, OWN_STATES};

pub use self::command::{Command, CommandError, Commands};
pub use self::entry::{
    ActionDock, BadgeVariant, ClientScript, CustomRenderDock, DockEntry, DockView, GroupDock,
    IframeDock, JsonRenderDock, LauncherDock, LauncherStatus,
};
pub use self::listed::{DockError, Docks};

//! The dock: the entries and commands that the interface shows and runs ([protocol 13](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-docks)).

mod command;
mod commands;
mod entry;
mod functions;
mod group;
mod json_render;
mod launcher;
mod list;
mod own_states;
mod page;
mod script;
mod view;

pub(crate) use self::commands::CommandList;
pub(crate) use self::functions::register;
pub(crate) use self::list::DockList;
pub(crate) use self::own_states::OWN_STATES;

pub use self::command::Command;
pub use self::commands::{CommandError, Commands};
pub use self::entry::{BadgeVariant, DockEntry};
pub use self::group::GroupDock;
pub use self::json_render::JsonRenderDock;
pub use self::launcher::{LauncherDock, LauncherStatus};
pub use self::list::{DockError, Docks};
pub use self::page::IframeDock;
pub use self::script::{ActionDock, ClientScript, CustomRenderDock};
pub use self::view::DockView;

//! The dock: the entries and commands that the interface shows and runs ([protocol 13](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-docks)).

mod addresses;
mod command;
mod command_list;
mod commands;
mod dock;
mod dock_list;
mod entry;
mod functions;
mod group;
mod json_render;
mod launcher;
mod own_states;
mod page;
mod script;
mod view;

#[cfg(feature = "server")]
pub(crate) use self::addresses::below_root_path;
pub(crate) use self::addresses::{holds_addresses, in_dump};
pub(crate) use self::command_list::CommandList;
pub(crate) use self::dock_list::DockList;
pub(crate) use self::functions::register;
pub(crate) use self::own_states::OWN_STATES;

pub use self::command::Command;
pub use self::commands::{CommandError, Commands};
pub use self::dock::{DockError, Docks};
pub use self::entry::{BadgeVariant, DockEntry};
pub use self::group::GroupDock;
pub use self::json_render::JsonRenderDock;
pub use self::launcher::{LauncherDock, LauncherStatus};
pub use self::page::IframeDock;
pub use self::script::{ActionDock, ClientScript, CustomRenderDock};
pub use self::view::DockView;

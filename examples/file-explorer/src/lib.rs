//! The functions of the file explorer, for its server and for clients written in Rust.

mod agents;
mod draft;
mod error;
mod explorer;
mod folder;
mod ignored;
mod open_options;
mod plugin;
mod rpc;
mod watch;

pub use self::agents::agents;
pub use self::error::ExplorerError;
pub use self::explorer::{Explorer, FileContent, FileEntry};
pub use self::plugin::{FileExplorer, PANEL_BASE};
pub use self::rpc::{
    ConfirmCall, FileExplorerFunctions, FilesChanged, GetInfo, Info, ListFiles, ReadFile,
    WriteFile, get_info, list_files, read_file, write_file,
};
pub use self::watch::{Watching, watch};

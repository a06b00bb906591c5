//! The tool, for its `main`, for its tests, and for other programs that show it.

mod plugin;
pub mod rpc;
mod state;

use devtools_runtime::{DevTools, DevToolsBuilder};

pub use plugin::ToolPlugin;
pub use state::{Entry, Journal};

/// Returns the program, with all functions of the list.
pub fn program() -> DevToolsBuilder {
    DevTools::builder()
        .without_collected()
        .functions::<rpc::ToolFunctions>()
        .plugin(ToolPlugin)
}

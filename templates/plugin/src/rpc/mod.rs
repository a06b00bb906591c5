//! The functions, one in each file, and the events of the panels.

mod add_entry;
mod get_entries;

use devtools_runtime::{rpc_function, rpc_functions};

use crate::state::Entry;

pub use add_entry::AddEntry;
pub use get_entries::GetEntries;

rpc_functions! {
    /// All functions of the tool and of its panels. One that is missing here is not served.
    pub struct ToolFunctions { GetEntries, AddEntry, EntryAdded }
}

/// An entry was added. The panels implement it.
#[rpc_function(kind = "event", side = "client")]
pub async fn entry_added(entry: Entry);

use devtools_runtime::{DevToolsContext, rpc_function};

use crate::rpc::EntryAdded;
use crate::state::{AddError, Entry, Journal};

/// Adds an entry, and tells all panels.
#[rpc_function(kind = "action")]
pub async fn add_entry(
    ctx: &DevToolsContext,
    journal: &Journal,
    text: String,
) -> Result<Entry, AddError> {
    let entry = journal.add(&text)?;
    // A panel that cannot be told reads all entries when it connects again.
    let _ = EntryAdded::broadcast(ctx, entry.clone()).await;
    Ok(entry)
}

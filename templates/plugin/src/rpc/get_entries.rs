use devtools_runtime::rpc_function;

use crate::state::{Entry, Journal};

/// Returns all entries, oldest first.
// A static build holds the entries of its time.
#[rpc_function(snapshot)]
pub fn get_entries(journal: &Journal) -> Vec<Entry> {
    journal.entries()
}

//! The options of the attribute, before the checks.

use syn::{LitStr, Path};

use crate::options::options;

options! {
    /// The options of `#[rpc_shared_state(..)]`. Their values are not checked yet.
    pub(super) struct Args {
        "name" => name: LitStr = "\"my-plugin:progress\"",
        "patches" => patches,
        "read_only" => read_only,
        "per_process" => per_process,
        "crate" => runtime: Path = "devtools_runtime",
    }
}

//! The options of the attribute, before the checks.

use syn::{LitInt, LitStr, Path};

use crate::options::options;

options! {
    /// The options of `#[rpc_channel(..)]`. Their values are not checked yet.
    pub(super) struct Args {
        "name" => name: LitStr = "\"my-plugin:chat\"",
        "replay" => replay: LitInt = "100",
        "encoding" => encoding: LitStr = "\"json\"",
        "direction" => direction: LitStr = "\"uploads\"",
        "crate" => runtime: Path = "devtools_runtime",
    }
    "; others are given with `ChannelOptions`"
}

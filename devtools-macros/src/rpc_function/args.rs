//! The options of the attribute, before the checks.

use syn::{Ident, LitStr, Path};

use crate::option_value::{Strings, Time};
use crate::options::options;

options! {
    /// The options of `#[rpc_function(..)]`. Their values are not checked yet.
    pub(super) struct Args {
        "name" => name: LitStr = "\"my-plugin:get-data\"",
        "kind" => kind: LitStr = "\"query\"",
        "as" => identity: Ident = "GetData",
        "side" => side: LitStr = "\"client\"",
        "setup" => setup,
        "dump" => dump: Path = "dump_data",
        "snapshot" => snapshot,
        "cacheable" => cacheable,
        "encoding" => encoding: LitStr = "\"json\"",
        "agent" => agent(AgentArgs = "agent(safety = \"read\")"),
        "title" => title: LitStr = "\"Get data\"",
        "blocking" => blocking,
        "timeout" => timeout: Time = "\"5s\"",
        "public_errors" => public_errors,
        "role" => role: LitStr = "\"admin\"",
        "layer" => layer: Path = "log_calls",
        "implements" => implements: Path = "api::GetData",
        "crate" => runtime: Path = "devtools_runtime",
    }
}

options! {
    /// The options of `agent(..)`: what agents are told about the function.
    pub(super) struct AgentArgs {
        "safety" => safety: LitStr = "\"read\"",
        "title" => title: LitStr = "\"Get data\"",
        "tags" => tags: Strings = "[\"files\"]",
        "stream" => stream: LitStr = "\"my-plugin:chunks\"",
    }
}

//! The options of a function whose value is one of a few words.

use crate::choice::choice;

choice! {
    pub(super) enum Kind: "function kind" {
        Query = "query",
        Static = "static",
        Action = "action",
        Event = "event"
    }
}

choice! {
    pub(super) enum Side: "side" { Server = "server", Client = "client" }
}

choice! {
    /// The risk when an agent calls the function.
    pub(super) enum Safety: "safety" { Read = "read", Action = "action", Destructive = "destructive" }
}

//! Shared state (`protocol.md` 7).

use crate::wire::js;

function! {
    /// Asks to be told of changes of a shared state.
    SubscribeState = "devframe:rpc:server-state:subscribe", Event, Server, Json,
    (key: String) -> ()
}

function! {
    /// Reads a shared state; `undefined` if there is none of this key.
    GetState = "devframe:rpc:server-state:get", Query, Server, StructuredClone,
    (key: String) -> js::Value
}

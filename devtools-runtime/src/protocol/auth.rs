//! How clients earn trust, and give it up (`protocol.md` 4.2).

use serde::{Deserialize, Serialize};

function! {
    /// The handshake: the first call of every client.
    Handshake = "anonymous:devframe:auth", Action, Server, Json,
    (introduction: Introduction) -> Trusted
}

/// Who a client is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Introduction {
    /// Empty if it has none.
    pub(crate) auth_token: String,
    pub(crate) ua: String,
    pub(crate) origin: String,
}

/// Whether the server trusts the client.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trusted {
    pub(crate) is_trusted: bool,
}

function! {
    /// A token for the code.
    Exchange = "anonymous:devframe:auth:exchange", Action, Server, Json,
    (offer: Offer) -> Exchanged
}

/// What a client shows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) code: String,
    pub(crate) ua: String,
    pub(crate) origin: String,
}

/// What it gets: nothing, if the code is not the right one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchanged {
    pub(crate) auth_token: Option<String>,
}

function! {
    /// Has the code shown.
    RequestCode = "anonymous:devframe:auth:request-code", Action, Server, Json,
    (request: CodeRequest) -> ()
}

/// Who wants a code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CodeRequest {
    pub(crate) ua: String,
    /// What the client says; where a link may lead is decided by what its browser says.
    pub(crate) origin: String,
    /// Whether a new code is to be made first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reissue: Option<bool>,
}

function! {
    /// Takes the caller's own trust back.
    Revoke = "devframe:auth:revoke", Action, Server, Json,
    () -> ()
}

function! {
    /// Tells a client that it is not trusted any more.
    Revoked = "devframe:auth:revoked", Event, Client, Json,
    () -> ()
}

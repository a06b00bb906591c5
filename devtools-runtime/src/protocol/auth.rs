//! How clients earn trust, and give it up ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::time::Duration;

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
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchanged {
    pub(crate) auth_token: Option<String>,
    /// Why the code was not even looked at, in words for the user. Clients of the ecosystem do not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// For how many seconds none will be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u64>,
}

impl Exchanged {
    pub(crate) fn with(token: String) -> Self {
        Self {
            auth_token: Some(token),
            ..Self::default()
        }
    }

    /// There were too many wrong codes.
    pub(crate) fn too_many(pause: Duration) -> Self {
        // Rounded up, so that it is worth to try again then.
        let seconds = pause.as_secs().saturating_add(1);
        Self {
            auth_token: None,
            reason: Some(format!(
                "too many wrong codes: none is looked at for {seconds} seconds, but the link that the server shows works"
            )),
            retry_after: Some(seconds),
        }
    }
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

//! The functions for authentication ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::time::Duration;

use serde::{Deserialize, Serialize};

functions! {
    /// The handshake: the first call of every client.
    Handshake = "anonymous:devframe:auth", Action, Server, Json,
    (introduction: Introduction) -> Trusted;
}

/// The first message of a client, which identifies it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Introduction {
    /// The client's token. Empty if it has none.
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

functions! {
    /// Exchanges a one-time code for a token.
    Exchange = "anonymous:devframe:auth:exchange", Action, Server, Json,
    (offer: Offer) -> Exchanged;
}

/// The one-time code that a client sends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) code: String,
    pub(crate) ua: String,
    pub(crate) origin: String,
}

/// The answer to a code. It has no token if the code was wrong.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exchanged {
    pub(crate) auth_token: Option<String>,
    /// The reason, as a message for the user, why the code was not checked. Clients of the ecosystem do not read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The number of seconds during which no code is checked.
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

    /// Creates the answer after too many wrong codes.
    pub(crate) fn too_many(pause: Duration) -> Self {
        let seconds = rounded_up(pause);
        Self {
            auth_token: None,
            reason: Some(format!(
                "too many wrong codes: try again in {seconds} seconds, or open the link that the server shows"
            )),
            retry_after: Some(seconds),
        }
    }
}

functions! {
    /// Asks the server to show the code.
    RequestCode = "anonymous:devframe:auth:request-code", Action, Server, Json,
    (request: CodeRequest) -> Option<CodeNotShown>;
}

/// The answer to a client for which no code is shown now. Clients of the ecosystem do not read it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeNotShown {
    /// The reason, as a message for the user.
    pub(crate) reason: String,
    /// The number of seconds during which no code is shown for this client.
    pub(crate) retry_after: u64,
}

impl CodeNotShown {
    pub(crate) fn for_now(pause: Duration) -> Self {
        let retry_after = rounded_up(pause);
        Self {
            reason: format!(
                "too many codes were asked for, so no new one is shown: try again in {retry_after} seconds"
            ),
            retry_after,
        }
    }
}

/// Returns whole seconds, rounded up, so that a retry after that time succeeds.
fn rounded_up(pause: Duration) -> u64 {
    pause.as_secs().saturating_add(1)
}

/// The client that asks for a code.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CodeRequest {
    pub(crate) ua: String,
    /// The origin as the client states it. Links are made from the origin that its browser sends.
    pub(crate) origin: String,
    /// Whether the server makes a new code first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reissue: Option<bool>,
}

functions! {
    /// Withdraws the trust in the caller.
    Revoke = "devframe:auth:revoke", Action, Server, Json,
    () -> ();

    /// Tells a client that it is no longer trusted.
    Revoked = "devframe:auth:revoked", Event, Client, Json,
    () -> ();
}

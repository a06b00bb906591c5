//! The client's sign-in: the handshake, and a one-time code if the server needs one ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::time::Duration;

use url::Url;

use crate::client::error::ConnectError;
use crate::client::options::ClientOptions;
use crate::client::token::{TokenCell, origin_of};
use crate::function::CallError;
use crate::peer::Peer;
use crate::protocol::auth::{
    CodeNotShown, CodeRequest, Exchange, Handshake, Introduction, Offer, RequestCode,
};

/// The name that this client sends as its user agent.
const NAME: &str = concat!("devtools-runtime/", env!("CARGO_PKG_VERSION"));

/// Signs in with the token, the code of the options, or a code that the user is asked for.
pub(crate) async fn earn(
    peer: &Peer,
    options: &mut ClientOptions,
    token: &TokenCell,
    server: &Url,
) -> Result<(), ConnectError> {
    // The address of the connection contained the token, so most servers already trust the client. The token is sent in a
    // frame only if necessary, because tungstenite writes frames to the log at TRACE.
    if shake_hands(peer, String::new()).await? {
        return Ok(());
    }
    if let Some(token) = token.for_server(server) {
        if shake_hands(peer, token).await? {
            return Ok(());
        }
    }
    if let Some(code) = options.code.take() {
        if exchange(peer, token, server, code).await? {
            return Ok(());
        }
    }
    let refused = || {
        if token.is_withheld_from(server) {
            let origin = origin_of(server);
            ConnectError::TokenWithheld { origin }
        } else {
            ConnectError::Unauthorized
        }
    };
    let Some(ask) = &options.ask else {
        return Err(refused());
    };
    for wrong in 0.. {
        have_code_shown(peer).await?;
        let Some(code) = ask(wrong).await else {
            break;
        };
        if exchange(peer, token, server, code).await? {
            return Ok(());
        }
    }
    Err(refused())
}

/// Sends the handshake and returns whether the server trusts the client.
async fn shake_hands(peer: &Peer, auth_token: String) -> Result<bool, ConnectError> {
    let introduction = Introduction {
        auth_token,
        ua: NAME.to_owned(),
        origin: String::new(),
    };
    match peer.call::<Handshake>(&(introduction,)).await {
        Ok(reply) => Ok(reply.is_trusted),
        // A server without a handshake trusts every client.
        Err(CallError::UnknownFunction(_)) => Ok(true),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

/// Asks the server to show its code.
async fn have_code_shown(peer: &Peer) -> Result<(), ConnectError> {
    let request = CodeRequest {
        ua: NAME.to_owned(),
        origin: String::new(),
        reissue: None,
    };
    match peer.call::<RequestCode>(&(request,)).await {
        // Servers of devframe before 1.0 lack this function and show the code without a request.
        Ok(None) | Err(CallError::UnknownFunction(_) | CallError::Unauthorized(_)) => Ok(()),
        Ok(Some(CodeNotShown { retry_after, .. })) => Err(ConnectError::CodeNotShown {
            retry_after: Duration::from_secs(retry_after),
        }),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

/// Exchanges a code for a token, which it stores. Returns whether the code was right.
async fn exchange(
    peer: &Peer,
    token: &TokenCell,
    server: &Url,
    code: String,
) -> Result<bool, ConnectError> {
    let offer = Offer {
        code: code.trim().to_owned(),
        ua: NAME.to_owned(),
        origin: String::new(),
    };
    match peer.call::<Exchange>(&(offer,)).await {
        Ok(exchanged) if exchanged.auth_token.is_none() && exchanged.retry_after.is_some() => {
            let seconds = exchanged.retry_after.unwrap_or_default();
            Err(ConnectError::TooManyCodes {
                retry_after: Duration::from_secs(seconds),
            })
        }
        Ok(exchanged) => Ok(match exchanged.auth_token {
            Some(given) => {
                token.granted_by(server, given);
                true
            }
            None => false,
        }),
        Err(CallError::UnknownFunction(_)) => Err(ConnectError::NoCodes),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

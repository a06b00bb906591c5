//! Earning the server's trust: the handshake, and a code where it takes one (`protocol.md` 4.2).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::client::{ConnectError, Options};
use crate::function::CallError;
use crate::peer::Peer;
use crate::protocol::auth::{CodeRequest, Exchange, Handshake, Introduction, Offer, RequestCode};

/// What this client calls itself.
const NAME: &str = concat!("devtools-runtime/", env!("CARGO_PKG_VERSION"));

/// The token that the client has, if it has one. Cloning gives the same.
#[derive(Clone, Default)]
pub(crate) struct TokenCell(Arc<Mutex<Option<String>>>);

impl TokenCell {
    pub(crate) fn new(token: Option<String>) -> Self {
        Self(Arc::new(Mutex::new(token)))
    }

    pub(crate) fn get(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set(&self, token: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

/// Makes the server trust this client, with the token, the code, or a code that is asked for.
pub(crate) async fn earn(
    peer: &Peer,
    options: &mut Options,
    token: &TokenCell,
) -> Result<(), ConnectError> {
    let introduction = Introduction {
        auth_token: token.get().unwrap_or_default(),
        ua: NAME.to_owned(),
        origin: String::new(),
    };
    match peer.call::<Handshake>(&(introduction,)).await {
        Ok(reply) if reply.is_trusted => return Ok(()),
        // A bare server has no handshake, and then nobody is kept out.
        Err(CallError::UnknownFunction(_)) => return Ok(()),
        Ok(_) => {}
        Err(error) => return Err(ConnectError::Handshake(error)),
    }
    if let Some(code) = options.code.take() {
        if exchange(peer, token, code).await? {
            return Ok(());
        }
    }
    let Some(ask) = &options.ask else {
        return Err(ConnectError::Unauthorized);
    };
    for wrong in 0.. {
        have_code_shown(peer).await?;
        let Some(code) = ask(wrong).await else {
            break;
        };
        if exchange(peer, token, code).await? {
            return Ok(());
        }
    }
    Err(ConnectError::Unauthorized)
}

/// Asks the server to show its code.
async fn have_code_shown(peer: &Peer) -> Result<(), ConnectError> {
    let request = CodeRequest {
        ua: NAME.to_owned(),
        origin: String::new(),
        reissue: None,
    };
    match peer.call::<RequestCode>(&(request,)).await {
        // Servers of devframe before 1.0 have no such function: they show the code of their own accord.
        Ok(()) | Err(CallError::UnknownFunction(_) | CallError::Unauthorized(_)) => Ok(()),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

/// Whether the code was the right one: then there is a token.
async fn exchange(peer: &Peer, token: &TokenCell, code: String) -> Result<bool, ConnectError> {
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
        Ok(exchanged) => {
            let is_right = exchanged.auth_token.is_some();
            if is_right {
                token.set(exchanged.auth_token);
            }
            Ok(is_right)
        }
        Err(CallError::UnknownFunction(_)) => Err(ConnectError::NoCodes),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

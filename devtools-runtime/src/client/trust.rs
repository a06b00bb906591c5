//! The client's sign-in: the handshake, and a one-time code if the server needs one ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::client::{ConnectError, Options};
use crate::function::CallError;
use crate::peer::Peer;
use crate::protocol::auth::{
    CodeNotShown, CodeRequest, Exchange, Handshake, Introduction, Offer, RequestCode,
};

/// The name that this client sends as its user agent.
const NAME: &str = concat!("devtools-runtime/", env!("CARGO_PKG_VERSION"));

/// The client's token, if it has one, and the origins that it may be sent to. All clones are the same cell.
#[derive(Clone, Default)]
pub(crate) struct TokenCell(Arc<Mutex<BoundToken>>);

/// A token with the origins that it may be sent to.
#[derive(Default)]
struct BoundToken {
    token: Option<String>,
    /// The origin of the given address and the origins that the program allows, or the origin that granted the token.
    origins: Vec<String>,
}

impl TokenCell {
    /// Creates a cell with the program's token, which may be sent to these origins.
    pub(crate) fn new(token: Option<String>, origins: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(BoundToken { token, origins })))
    }

    pub(crate) fn get(&self) -> Option<String> {
        self.lock().token.clone()
    }

    /// Returns the token, if it may be sent to the server at `url`.
    pub(crate) fn for_server(&self, url: &Url) -> Option<String> {
        let bound = self.lock();
        let origin = origin_of(url);
        bound
            .origins
            .contains(&origin)
            .then(|| bound.token.clone())
            .flatten()
    }

    /// Whether there is a token that may not be sent to the server at `url`.
    fn is_withheld_from(&self, url: &Url) -> bool {
        self.get().is_some() && self.for_server(url).is_none()
    }

    /// Stores a token that the server at `url` has granted.
    fn granted_by(&self, url: &Url, token: String) {
        let mut bound = self.lock();
        bound.token = Some(token);
        bound.origins = vec![origin_of(url)];
    }

    pub(crate) fn forget(&self) {
        self.lock().token = None;
    }

    fn lock(&self) -> MutexGuard<'_, BoundToken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the origin of an address. A WebSocket has the origin of its server's pages.
pub(crate) fn origin_of(url: &Url) -> String {
    let scheme = match url.scheme() {
        "ws" => "http",
        "wss" => "https",
        other => other,
    };
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{scheme}://{host}:{port}")
}

/// Signs in with the token, the code of the options, or a code that the user is asked for.
pub(crate) async fn earn(
    peer: &Peer,
    options: &mut Options,
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

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{TokenCell, origin_of};

    #[test]
    fn a_token_is_for_the_origins_that_may_have_it() {
        let url = |text: &str| Url::parse(text).unwrap();
        let told = origin_of(&url("http://127.0.0.1:7812/__devtools/"));
        let token = TokenCell::new(Some("secret".to_owned()), vec![told]);
        for (address, may_have_it) in [
            ("ws://127.0.0.1:7812/__ws", true),
            ("http://127.0.0.1:7812/__sse", true),
            ("ws://127.0.0.1:7813/__ws", false),
            ("wss://127.0.0.1:7812/__ws", false),
            ("ws://localhost:7812/__ws", false),
            ("ws://127.0.0.1.example:7812/__ws", false),
            ("ws://127.0.0.1:7812@example.org/__ws", false),
        ] {
            assert_eq!(
                token.for_server(&url(address)).is_some(),
                may_have_it,
                "{address}"
            );
        }
        // A server that gives a token may have it, and nobody else.
        token.granted_by(&url("ws://127.0.0.1:7813/__ws"), "another".to_owned());
        let given = token.for_server(&url("ws://127.0.0.1:7813/__ws"));
        assert_eq!(given.as_deref(), Some("another"));
        assert_eq!(token.for_server(&url("http://127.0.0.1:7812/")), None);
        assert_eq!(
            origin_of(&url("wss://h/x")),
            origin_of(&url("https://h:443/"))
        );
    }
}

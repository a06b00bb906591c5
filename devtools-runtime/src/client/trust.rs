//! Earning the server's trust: the handshake, and a code where it takes one ([protocol 4.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#42-the-handshake)).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use url::Url;

use crate::client::{ConnectError, Options};
use crate::function::CallError;
use crate::peer::Peer;
use crate::protocol::auth::{CodeRequest, Exchange, Handshake, Introduction, Offer, RequestCode};

/// What this client calls itself.
const NAME: &str = concat!("devtools-runtime/", env!("CARGO_PKG_VERSION"));

/// The token that the client has, if it has one, and where it may be sent. Cloning gives the same.
#[derive(Clone, Default)]
pub(crate) struct TokenCell(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    token: Option<String>,
    /// The origins that may have it: that which the program named, others that it allows, and that which gave it.
    origins: Vec<String>,
}

impl TokenCell {
    /// A token of the program's, for these origins.
    pub(crate) fn new(token: Option<String>, origins: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(Held { token, origins })))
    }

    pub(crate) fn get(&self) -> Option<String> {
        self.lock().token.clone()
    }

    /// Returns the token, if the server at `url` may have it.
    pub(crate) fn for_server(&self, url: &Url) -> Option<String> {
        let held = self.lock();
        let origin = origin_of(url);
        held.origins
            .contains(&origin)
            .then(|| held.token.clone())
            .flatten()
    }

    /// Whether there is a token that the server at `url` may not have.
    fn is_withheld_from(&self, url: &Url) -> bool {
        self.get().is_some() && self.for_server(url).is_none()
    }

    /// Keeps a token that the server at `url` has given.
    fn given_by(&self, url: &Url, token: String) {
        let mut held = self.lock();
        held.token = Some(token);
        held.origins = vec![origin_of(url)];
    }

    pub(crate) fn forget(&self) {
        self.lock().token = None;
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the origin that an address belongs to: a WebSocket's is that of the pages of its server.
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

/// Makes the server trust this client, with the token, the code, or a code that is asked for.
pub(crate) async fn earn(
    peer: &Peer,
    options: &mut Options,
    token: &TokenCell,
    server: &Url,
) -> Result<(), ConnectError> {
    // The address of the connection had the token, so most servers trust it by now. It is not said again unless it must be,
    // because the library of WebSockets writes frames to the log at TRACE.
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

/// Introduces the client to the server, and returns whether it is trusted.
async fn shake_hands(peer: &Peer, auth_token: String) -> Result<bool, ConnectError> {
    let introduction = Introduction {
        auth_token,
        ua: NAME.to_owned(),
        origin: String::new(),
    };
    match peer.call::<Handshake>(&(introduction,)).await {
        Ok(reply) => Ok(reply.is_trusted),
        // A bare server has no handshake, and then nobody is kept out.
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
        // Servers of devframe before 1.0 have no such function: they show the code of their own accord.
        Ok(()) | Err(CallError::UnknownFunction(_) | CallError::Unauthorized(_)) => Ok(()),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

/// Whether the code was the right one: then there is a token.
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
                token.given_by(server, given);
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
        token.given_by(&url("ws://127.0.0.1:7813/__ws"), "another".to_owned());
        let given = token.for_server(&url("ws://127.0.0.1:7813/__ws"));
        assert_eq!(given.as_deref(), Some("another"));
        assert_eq!(token.for_server(&url("http://127.0.0.1:7812/")), None);
        assert_eq!(
            origin_of(&url("wss://h/x")),
            origin_of(&url("https://h:443/"))
        );
    }
}

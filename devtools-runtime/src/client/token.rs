//! The client's token, and the servers that may receive it.

use std::sync::Arc;

use url::Url;

use crate::mutex::Mutex;

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

    /// Returns the token.
    pub(crate) fn get(&self) -> Option<String> {
        self.0.lock().token.clone()
    }

    /// Returns the token, if it may be sent to the server at `url`.
    pub(crate) fn for_server(&self, url: &Url) -> Option<String> {
        let bound = self.0.lock();
        let origin = origin_of(url);
        bound
            .origins
            .contains(&origin)
            .then(|| bound.token.clone())
            .flatten()
    }

    /// Whether there is a token that may not be sent to the server at `url`.
    pub(crate) fn is_withheld_from(&self, url: &Url) -> bool {
        self.get().is_some() && self.for_server(url).is_none()
    }

    /// Stores a token that the server at `url` has granted.
    pub(crate) fn granted_by(&self, url: &Url, token: String) {
        let mut bound = self.0.lock();
        bound.token = Some(token);
        bound.origins = vec![origin_of(url)];
    }

    /// Removes the token.
    pub(crate) fn forget(&self) {
        self.0.lock().token = None;
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
        // The token is sent to no other server than the one that gave it.
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

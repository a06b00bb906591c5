//! A mount: the functions of a context under one path of a server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header::{ORIGIN, USER_AGENT};
use http::{Extensions, HeaderValue, Request};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;

use crate::host::{Arrival, Serving, SessionTransport};
use crate::peer::{self, AccessCell};
use crate::server::access::{AccessRules, Visit};
use crate::server::connections::ServedConnection;
use crate::server::headers;
use crate::server::sse::SseSessions;

/// The parameter of a query that holds a token ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)).
const TOKEN: &str = "devframe_auth_token";

/// The state that the transports of one mount share.
#[derive(Debug)]
pub(crate) struct Mount {
    pub(crate) serving: Arc<Serving>,
    /// The path of the mount. It ends with a slash.
    pub(crate) base: String,
    /// Ends the sessions that are opened through this mount.
    pub(crate) closing: CancellationToken,
    /// The sessions over server-sent events, where POSTs find their session.
    pub(crate) sse: SseSessions,
    /// Decides which requests are answered and which pages may connect.
    pub(crate) access: AccessRules,
    /// The content security policy that says which pages may show the views in frames.
    pub(crate) framing: HeaderValue,
}

impl Mount {
    pub(crate) fn new(access: AccessRules, base: String, closing: CancellationToken) -> Self {
        let serving = Arc::clone(access.serving());
        Self {
            framing: headers::framing(&serving.settings.allowed_frames),
            serving,
            base,
            closing,
            sse: SseSessions::default(),
            access,
        }
    }

    /// Describes the client that sends a request for a session. `path` is the path of this mount on its server, if it is
    /// known.
    pub(crate) fn arrival<B>(
        &self,
        request: &mut Request<B>,
        visit: &Visit,
        path: Option<&str>,
        transport: SessionTransport,
    ) -> Arrival {
        self.access.remember_page(request, visit);
        let access = match self.serving.context.trust() {
            Some(_) => peer::ConnectionAccess::Unauthorized,
            None => peer::ConnectionAccess::Open,
        };
        let access = Arc::new(AccessCell::new(access));
        // The session keeps the other extensions, as long as it is open.
        if let Some(connection) = request.extensions_mut().remove::<Arc<ServedConnection>>() {
            connection.belongs_to(&access);
        }
        let header = |name| {
            let value = request.headers().get(name)?.to_str().ok()?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        Arrival {
            transport,
            token: token(request.uri().query().unwrap_or_default()),
            origin: header(ORIGIN),
            sign_in_page: self.access.sign_in_page(request, visit, path),
            user_agent: header(USER_AGENT),
            address: address(request.extensions()),
            identity: None,
            access,
            has_asked: Arc::default(),
            extensions: std::mem::take(request.extensions_mut()),
        }
    }
}

/// Returns the address that a request comes from, if the server that accepted the connection has put it into the extensions.
fn address(extensions: &Extensions) -> Option<IpAddr> {
    Some(extensions.get::<SocketAddr>()?.ip())
}

/// Returns the token in a query. JavaScript clients append it with a `?` even if there is a query already, so a second `?`
/// counts as a separator.
fn token(query: &str) -> Option<String> {
    let query = query.replace('?', "&");
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, token) = pairs.find(|(name, _)| name == TOKEN)?;
    Some(token.into_owned())
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn tokens_are_found_in_any_query() {
        for query in [
            "devframe_auth_token=a%20b",
            "x=1&devframe_auth_token=a+b",
            "x=1?devframe_auth_token=a%20b",
        ] {
            assert_eq!(token(query).as_deref(), Some("a b"), "{query}");
        }
        assert_eq!(token(""), None);
        assert_eq!(token("devframe_auth_tokens=a"), None);
    }
}

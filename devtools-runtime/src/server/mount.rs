//! The functions of a context at one place of a server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::header::{ORIGIN, USER_AGENT};
use http::{Extensions, Request};
use tokio_util::sync::CancellationToken;
use url::form_urlencoded;

use crate::host::{Arrival, Serving, SessionTransport};
use crate::peer::{Access, AccessCell};
use crate::server::Connection;
use crate::server::origin::Refusals;
use crate::server::sse::SseSessions;

/// The parameter of a query that holds a token (`protocol.md` 3.3).
const TOKEN: &str = "devframe_auth_token";

/// What the transports of one mount share.
#[derive(Debug)]
pub(crate) struct Mount {
    pub(crate) serving: Arc<Serving>,
    /// What the functions' paths begin with; ends with a slash.
    pub(crate) base: String,
    /// Ends the sessions that are opened through this mount.
    pub(crate) closing: CancellationToken,
    /// Where POSTs find their session.
    pub(crate) sse: SseSessions,
    refusals: Refusals,
}

impl Mount {
    pub(crate) fn new(serving: Arc<Serving>, base: String, closing: CancellationToken) -> Self {
        Self {
            serving,
            base,
            closing,
            sse: SseSessions::default(),
            refusals: Refusals::default(),
        }
    }

    /// Whether the page that sent this request may open a connection. Says so if not.
    pub(crate) fn admits_origin<B>(&self, request: &Request<B>) -> bool {
        let allowed = &self.serving.settings.allowed_origins;
        self.refusals.admits(request.headers(), allowed)
    }

    /// Whether a request was meant for this server, going by the name it was sent to. Says so if not.
    pub(crate) fn admits_host<B>(
        &self,
        request: &Request<B>,
        own: Option<std::net::IpAddr>,
    ) -> bool {
        let allowed = &self.serving.settings.allowed_hosts;
        self.refusals
            .is_meant_for_us(request.headers(), allowed, own)
    }

    /// The client that a session is opened for.
    pub(crate) fn arrival<B>(
        &self,
        request: &mut Request<B>,
        transport: SessionTransport,
    ) -> Arrival {
        let access = match self.serving.context.trust() {
            Some(_) => Access::Unauthorized,
            None => Access::Open,
        };
        let access = Arc::new(AccessCell::new(access));
        if let Some(connection) = request.extensions().get::<Arc<Connection>>() {
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
            user_agent: header(USER_AGENT),
            address: address(request.extensions()),
            access,
            has_asked: Arc::default(),
            extensions: std::mem::take(request.extensions_mut()),
        }
    }
}

/// Where a request comes from, as the server that took the connection has noted it.
fn address(extensions: &Extensions) -> Option<IpAddr> {
    Some(extensions.get::<SocketAddr>()?.ip())
}

/// The token in a query. JavaScript clients write it behind a `?` even if there is a query already, so a second `?`
/// separates as well.
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

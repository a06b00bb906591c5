//! The options of a client.

use std::pin::Pin;
use std::sync::Arc;

use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::client::backoff::Backoff;
use crate::client::dial::Dialer;
use crate::client::tls::Tls;
use crate::client::token::origin_of;
use crate::peer::Limits;

/// The options that the builder collects.
#[derive(Clone)]
pub(crate) struct ClientOptions {
    pub(crate) url: String,
    pub(crate) limits: Limits,
    pub(crate) transport: ClientTransport,
    pub(crate) reconnect: Option<Backoff>,
    pub(crate) cache_queries: bool,
    pub(crate) code: Option<String>,
    pub(crate) ask: Option<Ask>,
    /// Further origins that the token may be sent to.
    pub(crate) token_origins: Vec<String>,
    /// Headers of every request.
    pub(crate) headers: HeaderMap,
    /// The first header that cannot be sent, which fails the connection.
    pub(crate) refused_header: Option<RefusedHeader>,
    /// Files of further root certificates, as PEM.
    #[cfg(feature = "tls")]
    pub(crate) root_certificates: Vec<Vec<u8>>,
}

/// A header that a client cannot send.
#[derive(Debug, Clone)]
pub(crate) struct RefusedHeader {
    pub(crate) name: String,
    pub(crate) problem: &'static str,
}

/// The headers that the client sets itself.
const OWN_HEADERS: [HeaderName; 6] = [
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

impl ClientOptions {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            limits: Limits::default(),
            transport: ClientTransport::default(),
            reconnect: Some(Backoff::default()),
            cache_queries: false,
            code: None,
            ask: None,
            token_origins: Vec::new(),
            headers: HeaderMap::new(),
            refused_header: None,
            #[cfg(feature = "tls")]
            root_certificates: Vec::new(),
        }
    }

    /// Adds a header to every request.
    pub(crate) fn add_header(&mut self, name: &str, value: &str) {
        let header = read_header(name, value);
        match header {
            Ok((name, value)) => drop(self.headers.append(name, value)),
            Err(problem) => {
                let name = name.to_owned();
                self.refused_header
                    .get_or_insert(RefusedHeader { name, problem });
            }
        }
    }

    /// Returns the way in which the client opens connections.
    pub(crate) fn dialer(&self) -> Dialer {
        #[cfg(feature = "tls")]
        let tls = Tls::new(self.root_certificates.clone());
        #[cfg(not(feature = "tls"))]
        let tls = Tls;
        Dialer::new(self.headers.clone(), self.token_origins(), tls)
    }

    /// Returns the origins that the program's token may be sent to.
    pub(crate) fn token_origins(&self) -> Vec<String> {
        let named = std::iter::once(&self.url).chain(&self.token_origins);
        // An address that cannot be parsed is reported when the client connects to it.
        named
            .filter_map(|url| Some(origin_of(&Url::parse(url).ok()?)))
            .collect()
    }
}

fn read_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = HeaderName::try_from(name).map_err(|_| "the name is not that of a header")?;
    if OWN_HEADERS.contains(&name) || name.as_str().starts_with("sec-websocket-") {
        return Err("the client sets this header itself");
    }
    let value = HeaderValue::try_from(value)
        .map_err(|_| "the value has a character that headers cannot have")?;
    Ok((name, value))
}

/// A function that asks the user for the one-time code.
pub(crate) type Ask = Arc<dyn Fn(u32) -> AskedCode + Send + Sync>;
pub(crate) type AskedCode = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// The transport of a client.
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::client::ClientTransport;
///
/// // For a network that lets no WebSocket through.
/// let builder = DevToolsRpcClient::builder("http://127.0.0.1:7812/__devtools/").transport(ClientTransport::Sse);
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientTransport {
    /// The transport that the server prefers ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)): usually a WebSocket, or server-sent events if the WebSocket does not connect.
    #[default]
    Auto,
    /// Over a WebSocket.
    WebSocket,
    /// Over server-sent events and POSTs, for networks that block `WebSocket`s.
    Sse,
}

// The code and the headers are left out: they would let a reader of the log sign in.
crate::debug_impl! { ClientOptions { url, limits, transport, reconnect, cache_queries, .. } }

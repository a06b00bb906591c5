//! The options of a client.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::client::backoff::Backoff;
use crate::client::token::origin_of;
use crate::peer::Limits;

/// The options that the builder collects.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) limits: Limits,
    pub(crate) transport: ClientTransport,
    pub(crate) reconnect: Option<Backoff>,
    pub(crate) cache_queries: bool,
    pub(crate) code: Option<String>,
    pub(crate) ask: Option<Ask>,
    /// Further origins that the token may be sent to.
    pub(crate) token_origins: Vec<String>,
}

impl Options {
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
        }
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

/// A function that asks the user for the one-time code.
pub(crate) type Ask = Arc<dyn Fn(u32) -> Asking + Send + Sync>;
pub(crate) type Asking = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

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

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The code is left out: it would let a reader of the log sign in.
        f.debug_struct("Options")
            .field("url", &self.url)
            .field("limits", &self.limits)
            .field("transport", &self.transport)
            .field("reconnect", &self.reconnect)
            .field("cache_queries", &self.cache_queries)
            .finish_non_exhaustive()
    }
}

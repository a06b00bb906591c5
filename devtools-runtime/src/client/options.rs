//! How a client is to connect.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::client::trust::origin_of;
use crate::client::{Backoff, ConnectError, DevToolsRpcClient, Link};
use crate::peer::Limits;

/// How a client is to connect: from [`DevToolsRpcClient::builder`].
///
/// ```no_run
/// use devtools_runtime::DevToolsRpcClient;
///
/// # async fn example(token: String) -> Result<(), Box<dyn std::error::Error>> {
/// let rpc = DevToolsRpcClient::builder("http://127.0.0.1:7812/__devtools/")
///     .token(token)
///     .cache_queries()
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until it connects"]
pub struct DevToolsRpcClientBuilder {
    pub(super) options: Options,
    token: Option<String>,
}

/// What the builder is told.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) limits: Limits,
    pub(crate) transport: ClientTransport,
    pub(crate) reconnect: Option<Backoff>,
    pub(crate) cache_queries: bool,
    pub(crate) code: Option<String>,
    pub(crate) ask: Option<Ask>,
    /// Origins that may have the token, too.
    pub(crate) token_origins: Vec<String>,
}

impl Options {
    /// Returns the origins that a token of the program's may be sent to.
    pub(crate) fn token_origins(&self) -> Vec<String> {
        let named = std::iter::once(&self.url).chain(&self.token_origins);
        // An address that cannot be read is said to be none when it is connected to.
        named
            .filter_map(|url| Some(origin_of(&Url::parse(url).ok()?)))
            .collect()
    }
}

/// Asks somebody for the one-time code.
pub(crate) type Ask = Arc<dyn Fn(u32) -> Asking + Send + Sync>;
pub(crate) type Asking = Pin<Box<dyn Future<Output = Option<String>> + Send>>;

/// How a client is connected.
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
    /// As the server says ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)): over a WebSocket mostly, and over server-sent events if that fails.
    #[default]
    Auto,
    /// Over a WebSocket.
    WebSocket,
    /// Over server-sent events and POSTs, for networks that let no WebSocket through.
    Sse,
}

impl DevToolsRpcClientBuilder {
    pub(super) fn new(url: &str) -> Self {
        Self {
            options: Options {
                url: url.to_owned(),
                limits: Limits::default(),
                transport: ClientTransport::default(),
                reconnect: Some(Backoff::default()),
                cache_queries: false,
                code: None,
                ask: None,
                token_origins: Vec::new(),
            },
            token: None,
        }
    }

    /// The bounds that the connection keeps.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// How to connect. Default: [`ClientTransport::Auto`].
    pub fn transport(mut self, transport: ClientTransport) -> Self {
        self.options.transport = transport;
        self
    }

    /// A token that the server knows: one that an earlier [`auth_token`](DevToolsRpcClient::auth_token) gave, or
    /// one of its program.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Also sends the token to this origin, such as `http://127.0.0.1:5174`.
    ///
    /// A server says where its WebSocket is, which may be on another origin than the address that was told. A token is sent to
    /// the origin of that address alone, and to those that are named here; one that was given for a code is sent to the
    /// origin that gave it. Otherwise connecting fails with [`ConnectError::TokenWithheld`] where a token is needed.
    pub fn token_origin(mut self, origin: impl Into<String>) -> Self {
        self.options.token_origins.push(origin.into());
        self
    }

    /// The one-time code that the server shows, to be exchanged for a token.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.options.code = Some(code.into());
        self
    }

    /// Has `ask` asked for the one-time code where nothing else makes the server trust this client. The server
    /// shows it first; servers of devframe before 1.0 show it of their own accord. `ask` is told how many codes were wrong so
    /// far; `None` gives up.
    ///
    /// ```no_run
    /// use devtools_runtime::DevToolsRpcClient;
    /// use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let rpc = DevToolsRpcClient::builder("http://127.0.0.1:7812/__devtools/")
    ///     .ask_for_code(|_wrong| async {
    ///         println!("The code that the server shows:");
    ///         let mut lines = BufReader::new(stdin()).lines();
    ///         lines.next_line().await.ok().flatten()
    ///     })
    ///     .connect()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn ask_for_code<Fut>(mut self, ask: impl Fn(u32) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Option<String>> + Send + 'static,
    {
        self.options.ask = Some(Arc::new(move |wrong| Box::pin(ask(wrong))));
        self
    }

    /// How to come back after the connection was lost. Default: [`Backoff::default`].
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.options.reconnect = Some(backoff);
        self
    }

    /// Does not come back after the connection was lost.
    pub fn without_reconnect(mut self) -> Self {
        self.options.reconnect = None;
        self
    }

    /// Keeps the results of queries that the server says are cacheable, until it says that they are old, or the
    /// connection is lost ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)). At most 1,024 results of 64 MiB altogether are kept; results of static
    /// functions always are.
    pub fn cache_queries(mut self) -> Self {
        self.options.cache_queries = true;
        self
    }

    /// Connects, and waits until the server trusts this client.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is no server of this protocol, or does not trust this client. Later, a
    /// connection that is lost is made again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the connection it has made so far.
    pub async fn connect(self) -> Result<DevToolsRpcClient, ConnectError> {
        Link::connect(self.options, self.token).await
    }
}

impl fmt::Debug for DevToolsRpcClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.options.fmt(f)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the code, which would let whoever reads a log in.
        f.debug_struct("Options")
            .field("url", &self.url)
            .field("limits", &self.limits)
            .field("transport", &self.transport)
            .field("reconnect", &self.reconnect)
            .field("cache_queries", &self.cache_queries)
            .finish_non_exhaustive()
    }
}

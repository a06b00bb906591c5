//! The options of a client, and the builder that collects them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::client::trust::origin_of;
use crate::client::{Backoff, ConnectError, DevToolsRpcClient, Link};
use crate::peer::Limits;

/// A builder for a client's connection, from [`DevToolsRpcClient::builder`].
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

    /// Sets the limits of the connection.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Sets the transport. Default: [`ClientTransport::Auto`].
    pub fn transport(mut self, transport: ClientTransport) -> Self {
        self.options.transport = transport;
        self
    }

    /// Sets a token that the server knows: one from an earlier [`auth_token`](DevToolsRpcClient::auth_token), or one that the
    /// server's program has set.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Also sends the token to this origin, such as `http://127.0.0.1:5174`.
    ///
    /// The metadata of a server says where its WebSocket is, which may be on another origin than the given address. The client
    /// sends the token only to the origin of the given address and to the origins set here. It sends a token that it received
    /// for a code only to the origin that granted it. If another origin needs the token, connecting fails with
    /// [`ConnectError::TokenWithheld`].
    pub fn token_origin(mut self, origin: impl Into<String>) -> Self {
        self.options.token_origins.push(origin.into());
        self
    }

    /// Sets the one-time code that the server shows. The client exchanges it for a token.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.options.code = Some(code.into());
        self
    }

    /// Calls `ask` for the one-time code if the server does not trust this client otherwise. The client first requests the
    /// server to show the code; servers of devframe before 1.0 show it without a request. `ask` receives the number of wrong
    /// codes so far, and returns `None` to give up.
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

    /// Sets the delays before reconnecting after the connection was lost. Default: [`Backoff::default`].
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.options.reconnect = Some(backoff);
        self
    }

    /// Turns reconnecting off.
    pub fn without_reconnect(mut self) -> Self {
        self.options.reconnect = None;
        self
    }

    /// Caches the results of queries that the server declares cacheable, until the server invalidates them or the
    /// connection is lost ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)). The cache has at most 1,024 results and 64 MiB. Results of static
    /// functions are cached without this option.
    pub fn cache_queries(mut self) -> Self {
        self.options.cache_queries = true;
        self
    }

    /// Connects and waits until the server trusts this client. If the connection is lost later, the client reconnects.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is not a server of this protocol, or does not trust this client.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
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

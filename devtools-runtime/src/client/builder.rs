//! The builder that connects a client.

use std::fmt;
use std::sync::Arc;

use crate::client::backoff::Backoff;
use crate::client::error::ConnectError;
use crate::client::handle::DevToolsRpcClient;
use crate::client::link::Link;
use crate::client::options::{ClientTransport, Options};
use crate::peer::Limits;

impl DevToolsRpcClient {
    /// Connects to the server whose functions are mounted at `url`, such as
    /// `http://127.0.0.1:7812/__devtools/`. [`builder`](Self::builder) takes options, such as a token.
    ///
    /// The connection metadata at that address says how the server is reached ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)). The client reconnects after
    /// a connection is lost; see [`status`](Self::status). If the metadata describes a static dump, this opens the dump, as
    /// [`open_static`](Self::open_static) does.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is not a server of this protocol, or does not trust this client.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the connection.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder(url).connect().await
    }

    /// Returns a builder with the options for a connection to the server whose functions are mounted at `url`.
    pub fn builder(url: &str) -> DevToolsRpcClientBuilder {
        DevToolsRpcClientBuilder {
            options: Options::new(url),
            token: None,
        }
    }
}

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

impl DevToolsRpcClientBuilder {
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

//! The builder that connects a client.

use std::sync::Arc;

use crate::client::backoff::Backoff;
use crate::client::error::ConnectError;
use crate::client::handle::DevToolsRpcClient;
use crate::client::link::Link;
use crate::client::options::{ClientOptions, ClientTransport};
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
            options: ClientOptions::new(url),
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
    pub(super) options: ClientOptions,
    token: Option<String>,
}

impl DevToolsRpcClientBuilder {
    crate::setters! {
        /// Sets the limits of the connection.
        pub fn limits(limits: Limits) { options.limits = limits }

        /// Sets the transport. Default: [`ClientTransport::Auto`].
        pub fn transport(transport: ClientTransport) { options.transport = transport }

        /// Sets a token that the server knows: one from an earlier [`auth_token`](DevToolsRpcClient::auth_token), or one that the
        /// server's program has set.
        pub fn token(token: impl Into<String>) { token = Some(token.into()) }

        /// Also sends the token to this origin, such as `http://127.0.0.1:5174`.
        ///
        /// The metadata of a server says where its WebSocket is, which may be on another origin than the given address. The client
        /// sends the token only to the origin of the given address and to the origins set here. It sends a token that it received
        /// for a code only to the origin that granted it. If another origin needs the token, connecting fails with
        /// [`ConnectError::TokenWithheld`].
        pub fn token_origin(origin: impl Into<String>) { options.token_origins.push(origin.into()) }

        /// Adds a header to every request of this client, such as a header that a proxy asks for. The request that
        /// opens a WebSocket has it too.
        ///
        /// Like the token, the header is sent only to the origin of the given address and to those of
        /// [`token_origin`](Self::token_origin). A name or value that cannot be sent, and a header that the client sets itself, such as
        /// `host`, fail the connection with [`ConnectError::Header`].
        ///
        /// ```no_run
        /// use devtools_runtime::DevToolsRpcClient;
        ///
        /// # async fn example(password: &str) -> Result<(), Box<dyn std::error::Error>> {
        /// let rpc = DevToolsRpcClient::builder("http://build.example.org/__devtools/")
        ///     .header("proxy-authorization", format!("Bearer {password}"))
        ///     .connect()
        ///     .await?;
        /// # Ok(())
        /// # }
        /// ```
        pub fn header(name: impl AsRef<str>, value: impl AsRef<str>) {
            options.add_header(name.as_ref(), value.as_ref())
        }

        /// Also accepts servers whose certificate was signed by one of these root certificates, in PEM: the content of
        /// a file. Those of the operating system are accepted without it. A text without a certificate fails the
        /// connection with [`ConnectError::Tls`].
        ///
        /// ```no_run
        /// use devtools_runtime::DevToolsRpcClient;
        ///
        /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
        /// let rpc = DevToolsRpcClient::builder("https://build.example.org/__devtools/")
        ///     .root_certificates(std::fs::read("company-ca.pem")?)
        ///     .connect()
        ///     .await?;
        /// # Ok(())
        /// # }
        /// ```
        #[cfg(feature = "tls")]
        pub fn root_certificates(pem: impl Into<Vec<u8>>) { options.root_certificates.push(pem.into()) }

        /// Sets the one-time code that the server shows. The client exchanges it for a token.
        pub fn code(code: impl Into<String>) { options.code = Some(code.into()) }
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

    crate::setters! {
        /// Sets the delays before reconnecting after the connection was lost. Default: [`Backoff::default`].
        pub fn reconnect(backoff: Backoff) { options.reconnect = Some(backoff) }

        /// Turns reconnecting off.
        pub fn without_reconnect() { options.reconnect = None }

        /// Caches the results of queries that the server declares cacheable, until the server invalidates them or the
        /// connection is lost ([protocol 10](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#10-cache)). The cache has at most 1,024 results and 64 MiB. Results of static
        /// functions are cached without this option.
        pub fn cache_queries() { options.cache_queries = true }
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

crate::debug_impl! { DevToolsRpcClientBuilder as it = it.options }

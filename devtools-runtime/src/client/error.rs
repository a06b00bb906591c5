//! The error of a client that could not connect.

use std::time::Duration;

use crate::function::{BoxError, CallError};

/// The error of a client that could not connect.
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::client::ConnectError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// match DevToolsRpcClient::connect("localhost").await {
///     Ok(_) => println!("connected"),
///     Err(ConnectError::Address { address, .. }) => assert_eq!(address, "localhost"),
///     Err(ConnectError::Unauthorized) => println!("the server shows a code: pass it with `.code(..)`"),
///     Err(error) => panic!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address cannot be read.
    #[error(
        "`{address}` is not an address of a server: write a URL such as `http://127.0.0.1:7812/__devtools/`"
    )]
    Address {
        /// The address.
        address: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// No server answers at the address.
    #[error("no answer from {address}: is the server running?")]
    Unreachable {
        /// The address.
        address: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// A header of [`header`](crate::client::DevToolsRpcClientBuilder::header) cannot be sent.
    #[error("could not send the header `{name}`: {problem}")]
    Header {
        /// The name of the header.
        name: String,
        /// The reason.
        problem: String,
    },
    /// The connection could not be encrypted, or the certificate of the server is not accepted. The feature `tls` encrypts
    /// connections.
    #[error("could not make a secure connection to {address}")]
    Tls {
        /// The address.
        address: String,
        /// The reason.
        #[source]
        source: TlsError,
    },
    /// The server does not serve connection metadata at the address.
    #[error(
        "could not read connection metadata from {address}: is it the address of a DevTools server?"
    )]
    Metadata {
        /// The address.
        address: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The server does not offer the requested transport, or offers none.
    #[error("the server at {0} does not offer the requested transport")]
    NoTransport(String),
    /// The address belongs to a server, not to a static dump. [`DevToolsRpcClient::connect`] connects to it.
    ///
    /// [`DevToolsRpcClient::connect`]: crate::DevToolsRpcClient::connect
    #[error(
        "{0} is the metadata of a server, not of a static dump: use `connect` instead of `open_static`"
    )]
    NotStatic(String),
    /// A file of a static dump cannot be read.
    #[error("could not read {file} of the static dump")]
    Dump {
        /// The file.
        file: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The server does not trust this client.
    #[error(
        "the server does not trust this client: pass a `.token(..)`, or the code that the server shows with `.code(..)`"
    )]
    Unauthorized,
    /// The server does not trust this client, because the client's token was not sent: the given address leads to another
    /// origin, which may belong to anybody.
    #[error(
        "the token was not sent to {origin}, to which the address of the server leads: allow it with `.token_origin(\"{origin}\")`"
    )]
    TokenWithheld {
        /// The origin that was connected to.
        origin: String,
    },
    /// The server does not trust this client and has no one-time codes.
    #[error(
        "the server does not trust this client and has no one-time codes: pass a token that it knows with `.token(..)`"
    )]
    NoCodes,
    /// The server refuses all codes for a while, because this client or others sent too many wrong ones.
    #[error("too many wrong codes were sent: try again in {} seconds", retry_after.as_secs())]
    TooManyCodes {
        /// The time until the server accepts codes again.
        retry_after: Duration,
    },
    /// The server shows no new code for a while, because clients have asked for too many.
    #[error("the server shows no new code now, because too many were asked for: try again in {} seconds", retry_after.as_secs())]
    CodeNotShown {
        /// The time until the server shows codes again.
        retry_after: Duration,
    },
    /// The handshake failed.
    #[error("the handshake with the server failed")]
    Handshake(#[source] CallError),
}

/// The reason why a connection could not be encrypted.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(BoxError);

impl TlsError {
    pub(crate) fn new(reason: BoxError) -> Self {
        Self(reason)
    }
}

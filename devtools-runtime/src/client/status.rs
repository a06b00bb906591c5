//! The status of a client's connection.

use std::fmt;

/// The status of a client's connection, from [`DevToolsRpcClient::status`](crate::DevToolsRpcClient::status).
///
/// The names are those of the ecosystem's client, except [`Suspicious`](Self::Suspicious), which it does not have.
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::client::ConnectionStatus;
///
/// /// Waits until calls go through.
/// async fn connected(rpc: &DevToolsRpcClient) -> bool {
///     let mut status = rpc.status();
///     let is_connected = |status: &ConnectionStatus| *status == ConnectionStatus::Connected;
///     status.wait_for(is_connected).await.is_ok()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionStatus {
    /// The client connects or reconnects.
    Connecting,
    /// The client is connected and trusted.
    Connected,
    /// A call has timed out, and the client checks whether the server still answers. Calls are still sent. If the server does
    /// not answer, the client reconnects.
    Suspicious,
    /// The server does not trust the client, or no longer does. The client does not reconnect.
    Unauthorized,
    /// The connection was closed, for instance because the server shuts down. The client reconnects, unless it was closed.
    Disconnected,
    /// The connection failed or could not be made. The client reconnects.
    Error,
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Suspicious => "suspicious",
            Self::Unauthorized => "unauthorized",
            Self::Disconnected => "disconnected",
            Self::Error => "error",
        })
    }
}

//! Connecting: discovery, the socket, the handshake.

use crate::client::discovery::{Backend, ConnectionMeta, metadata_url, websocket_url};
use crate::client::{DevToolsRpcClient, http, websocket};
use crate::function::{BoxError, CallError};
use crate::peer::Limits;

/// The handshake: the first call of every client (`protocol.md` 4.2).
const HANDSHAKE: &str = "anonymous:devframe:auth";

/// Why a client could not connect.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address cannot be read.
    #[error("`{address}` is no address of a server")]
    Address {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// Nobody answers there.
    #[error("no answer from {address}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// What answers there is no server of this protocol.
    #[error("{address} is no connection metadata")]
    Metadata {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The server has no WebSocket.
    #[error("the server at {0} offers no WebSocket")]
    NoWebSocket(String),
    /// The server does not trust this client.
    #[error("the server does not trust this client")]
    Unauthorized,
    /// The handshake failed.
    #[error("the handshake failed")]
    Handshake(#[source] CallError),
}

pub(crate) async fn connect(url: &str, limits: &Limits) -> Result<DevToolsRpcClient, ConnectError> {
    let address = |error: url::ParseError| ConnectError::Address {
        address: url.to_owned(),
        source: error.into(),
    };
    let metadata = metadata_url(url).map_err(address)?;
    let meta = fetch_metadata(&metadata).await?;
    let base = match &meta.base_url {
        Some(base) => metadata.join(base).map_err(address)?,
        None => metadata.clone(),
    };
    if meta.websocket.is_none() || meta.backend == Backend::Static {
        return Err(ConnectError::NoWebSocket(metadata.into()));
    }
    let endpoint = websocket_url(meta.websocket.as_ref(), &base).map_err(address)?;
    let transport = websocket::connect(&endpoint, limits)
        .await
        .map_err(|source| ConnectError::Unreachable {
            address: endpoint,
            source,
        })?;
    let client = DevToolsRpcClient::over(transport, limits);
    shake_hands(&client).await?;
    Ok(client)
}

async fn fetch_metadata(url: &url::Url) -> Result<ConnectionMeta, ConnectError> {
    let address = || url.to_string();
    let (status, body) = http::get(url)
        .await
        .map_err(|source| ConnectError::Unreachable {
            address: address(),
            source,
        })?;
    let unreadable = |source| ConnectError::Metadata {
        address: address(),
        source,
    };
    if !status.is_success() {
        return Err(unreadable(format!("the server answered {status}").into()));
    }
    serde_json::from_slice(&body).map_err(|error| unreadable(error.into()))
}

async fn shake_hands(client: &DevToolsRpcClient) -> Result<(), ConnectError> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Introduction {
        auth_token: &'static str,
        ua: &'static str,
        origin: &'static str,
    }

    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Trust {
        is_trusted: bool,
    }

    let introduction = Introduction {
        auth_token: "",
        ua: concat!("devtools-runtime/", env!("CARGO_PKG_VERSION")),
        origin: "",
    };
    match client
        .call_dynamic::<Trust>(HANDSHAKE, (introduction,))
        .await
    {
        // A bare server has no handshake, and then nobody is kept out.
        Ok(Trust { is_trusted: true }) | Err(CallError::UnknownFunction(_)) => Ok(()),
        Ok(Trust { is_trusted: false }) => Err(ConnectError::Unauthorized),
        Err(error) => Err(ConnectError::Handshake(error)),
    }
}

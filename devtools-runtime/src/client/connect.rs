//! Connecting: discovery of the server and choice of the transport.

use std::time::Duration;

use tokio::net::TcpStream;
use url::Url;

use crate::client::discovery::{Backend, ConnectionMeta, metadata_url, sse_url, websocket_url};
use crate::client::site::Site;
use crate::client::trust::TokenCell;
use crate::client::{ClientTransport, http, sse, websocket};
use crate::dump::read::{DumpFiles as _, Folder, StaticDump, StaticTransport};
use crate::function::{BoxError, CallError};
use crate::peer::{Limits, WebSocketTransport};

/// The error of a client that could not connect.
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
        /// Why.
        #[source]
        source: BoxError,
    },
    /// No server answers at the address.
    #[error("no answer from {address}: is the server running?")]
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The server does not serve connection metadata at the address.
    #[error(
        "could not read connection metadata from {address}: is it the address of a DevTools server?"
    )]
    Metadata {
        /// The address.
        address: String,
        /// Why.
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
        /// Why.
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

/// A new connection on one of the transports, with its address without a token.
#[expect(
    clippy::large_enum_variant,
    reason = "the value is matched where it is made"
)]
pub(crate) enum AnyTransport {
    WebSocket(WebSocketTransport<TcpStream>, Url),
    Sse(sse::SseTransport, Url),
    Static(StaticTransport),
}

/// The endpoints of a server, from its connection metadata.
pub(crate) struct Endpoints {
    meta: ConnectionMeta,
    /// The base of the relative addresses in the metadata.
    base: Url,
}

/// Reads the connection metadata of the server or dump at `url`.
pub(crate) async fn discover(url: &str, limits: &Limits) -> Result<Endpoints, ConnectError> {
    let address = |error: url::ParseError| ConnectError::Address {
        address: url.to_owned(),
        source: error.into(),
    };
    let metadata = metadata_url(url).map_err(address)?;
    let meta = match metadata.scheme() {
        "file" => read_metadata(&metadata, limits).await?,
        _ => fetch_metadata(&metadata, limits).await?,
    };
    let base = match &meta.base_url {
        Some(base) => metadata.join(base).map_err(address)?,
        None => metadata.clone(),
    };
    // Otherwise a server could choose which files of this machine are read.
    if base.scheme() == "file" && metadata.scheme() != "file" {
        return Err(ConnectError::Metadata {
            address: metadata.into(),
            source: format!("the metadata of a server points to a file, `{base}`").into(),
        });
    }
    Ok(Endpoints { meta, base })
}

impl Endpoints {
    /// Connects. The token is sent in the address, if there is one.
    pub(crate) async fn open(
        &self,
        transport: ClientTransport,
        token: &TokenCell,
        limits: &Limits,
    ) -> Result<AnyTransport, ConnectError> {
        match transport {
            ClientTransport::Auto if self.is_static() => {
                self.dump(limits).await.map(AnyTransport::Static)
            }
            _ if self.is_static() => Err(self.offers_none()),
            ClientTransport::WebSocket => self.websocket(token, limits).await,
            ClientTransport::Sse => self.sse(token, limits).await,
            ClientTransport::Auto => self.best(token, limits).await,
        }
    }

    /// Connects with the transport that the server prefers, or with the other one if a WebSocket does not connect ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)).
    async fn best(&self, token: &TokenCell, limits: &Limits) -> Result<AnyTransport, ConnectError> {
        let meta = &self.meta;
        let prefers_sse = meta.backend == Backend::Sse || meta.websocket.is_none();
        if prefers_sse && meta.sse.is_some() {
            return self.sse(token, limits).await;
        }
        let error = match self.websocket(token, limits).await {
            Err(error @ ConnectError::Unreachable { .. }) if meta.sse.is_some() => error,
            connected => return connected,
        };
        tracing::debug!(%error, "could not connect a WebSocket: trying server-sent events");
        self.sse(token, limits).await.map_err(|_| error)
    }

    async fn websocket(
        &self,
        token: &TokenCell,
        limits: &Limits,
    ) -> Result<AnyTransport, ConnectError> {
        if self.meta.websocket.is_none() {
            return Err(self.offers_none());
        }
        let url = websocket_url(self.meta.websocket.as_ref(), &self.base);
        let url = url.and_then(|url| Url::parse(&url));
        let url = url.map_err(|error| self.unusable(error))?;
        let address = with_token(&url, token);
        let connecting = websocket::connect(&address, limits);
        let transport = match tokio::time::timeout(limits.handshake, connecting).await {
            Ok(transport) => transport,
            Err(late) => Err(late.into()),
        };
        match transport {
            Ok(transport) => Ok(AnyTransport::WebSocket(transport, url)),
            Err(error) => Err(unreachable(url)(error)),
        }
    }

    async fn sse(&self, token: &TokenCell, limits: &Limits) -> Result<AnyTransport, ConnectError> {
        if self.meta.sse.is_none() {
            return Err(self.offers_none());
        }
        let url = sse_url(self.meta.sse.as_ref(), &self.base);
        let url = url.and_then(|url| Url::parse(&url));
        let url = url.map_err(|error| self.unusable(error))?;
        match sse::connect(&with_token(&url, token), limits).await {
            Ok(transport) => Ok(AnyTransport::Sse(transport, url)),
            Err(error) => Err(unreachable(url)(error)),
        }
    }

    /// The largest frame that the server accepts, if the metadata says it.
    pub(crate) fn frame_bytes(&self) -> Option<usize> {
        self.meta.frame_bytes
    }

    fn is_static(&self) -> bool {
        self.meta.backend == Backend::Static
    }

    /// Opens the static dump.
    pub(crate) async fn dump(&self, limits: &Limits) -> Result<StaticTransport, ConnectError> {
        if !self.is_static() {
            return Err(ConnectError::NotStatic(self.base.to_string()));
        }
        let folder = self.base.join(".").map_err(|error| self.unusable(error))?;
        let dump = match folder.to_file_path() {
            Ok(path) if folder.scheme() == "file" => {
                StaticDump::open(Folder::new(path), limits).await
            }
            _ => StaticDump::open(Site::new(folder, limits), limits).await,
        };
        let dump = dump.map_err(|error| ConnectError::Dump {
            file: error.file,
            source: error.problem,
        })?;
        Ok(StaticTransport::new(dump, limits))
    }

    fn offers_none(&self) -> ConnectError {
        ConnectError::NoTransport(self.base.to_string())
    }

    fn unusable(&self, error: url::ParseError) -> ConnectError {
        ConnectError::Metadata {
            address: self.base.to_string(),
            source: error.into(),
        }
    }
}

/// Makes the error for an address that could not be connected to. The address has no token.
fn unreachable(address: Url) -> impl FnOnce(BoxError) -> ConnectError {
    |source| ConnectError::Unreachable {
        address: address.into(),
        source,
    }
}

/// Returns the address with the token in its query ([protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)), if the token may be sent to that server.
fn with_token(url: &Url, token: &TokenCell) -> String {
    let mut address = url.clone();
    if let Some(token) = token.for_server(url) {
        address
            .query_pairs_mut()
            .append_pair("devframe_auth_token", &token);
    }
    address.into()
}

/// Reads the metadata of a static dump in a folder.
async fn read_metadata(url: &Url, limits: &Limits) -> Result<ConnectionMeta, ConnectError> {
    let address = || match url.to_file_path() {
        Ok(path) => path.display().to_string(),
        Err(()) => url.to_string(),
    };
    let unreadable = |source| ConnectError::Dump {
        file: address(),
        source,
    };
    let no_path = || unreadable("the address is not a file path".into());
    let path = url.to_file_path().map_err(|()| no_path())?;
    let (folder, file) = path
        .parent()
        .zip(path.file_name().and_then(|name| name.to_str()))
        .ok_or_else(no_path)?;
    let folder = Folder::new(folder.to_owned());
    let body = folder.read(file, limits.frame_bytes).await;
    serde_json::from_slice(&body.map_err(unreadable)?).map_err(|error| ConnectError::Metadata {
        address: address(),
        source: error.into(),
    })
}

async fn fetch_metadata(url: &Url, limits: &Limits) -> Result<ConnectionMeta, ConnectError> {
    let address = || url.to_string();
    let (status, body) =
        http::get(url, limits.handshake)
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

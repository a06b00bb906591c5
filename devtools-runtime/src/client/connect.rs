//! Connecting: discovery of the server and choice of the transport.

use url::Url;

use crate::client::dial::Dialer;
use crate::client::discovery::{Backend, ConnectionMeta, metadata_url, sse_url, websocket_url};
use crate::client::error::{ConnectError, TlsError};
use crate::client::options::{ClientOptions, ClientTransport, RefusedHeader};
use crate::client::site::StaticSite;
use crate::client::tls::ClientStream;
use crate::client::token::TokenCell;
use crate::client::{http, sse, websocket};
use crate::dump::read::{DumpFiles as _, Folder, StaticDump, StaticTransport};
use crate::function::BoxError;
use crate::peer::{Limits, WebSocketTransport};

/// A new connection on one of the transports, with its address without a token.
#[expect(
    clippy::large_enum_variant,
    reason = "the value is matched where it is made"
)]
pub(crate) enum AnyTransport {
    WebSocket(WebSocketTransport<ClientStream>, Url),
    Sse(sse::SseTransport, Url),
    Static(StaticTransport),
}

/// The endpoints of a server, from its connection metadata.
pub(crate) struct FoundEndpoints {
    meta: ConnectionMeta,
    /// The base of the relative addresses in the metadata.
    base: Url,
    dialer: Dialer,
}

/// Reads the connection metadata of the server or dump at `url`.
pub(crate) async fn discover(
    options: &ClientOptions,
    dialer: &Dialer,
) -> Result<FoundEndpoints, ConnectError> {
    let ClientOptions { url, limits, .. } = options;
    if let Some(RefusedHeader { name, problem }) = &options.refused_header {
        return Err(ConnectError::Header {
            name: name.clone(),
            problem: (*problem).to_owned(),
        });
    }
    let address = |error: url::ParseError| ConnectError::Address {
        address: url.clone(),
        source: error.into(),
    };
    let metadata = metadata_url(url).map_err(address)?;
    let meta = match metadata.scheme() {
        "file" => read_metadata(&metadata, limits).await?,
        _ => fetch_metadata(&metadata, dialer, limits).await?,
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
    Ok(FoundEndpoints {
        meta,
        base,
        dialer: dialer.clone(),
    })
}

impl FoundEndpoints {
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
        let connecting = websocket::connect(&self.dialer, &address, limits);
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
        match sse::connect(&self.dialer, &with_token(&url, token), limits).await {
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
            _ => StaticDump::open(StaticSite::new(folder, &self.dialer, limits), limits).await,
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
    |source| match source.downcast::<TlsError>() {
        Ok(error) => ConnectError::Tls {
            address: address.into(),
            source: *error,
        },
        Err(source) => ConnectError::Unreachable {
            address: address.into(),
            source,
        },
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

async fn fetch_metadata(
    url: &Url,
    dialer: &Dialer,
    limits: &Limits,
) -> Result<ConnectionMeta, ConnectError> {
    let answer = http::get(dialer, url, limits.handshake).await;
    let (status, body) = answer.map_err(unreachable(url.clone()))?;
    let unreadable = |source| ConnectError::Metadata {
        address: url.to_string(),
        source,
    };
    if !status.is_success() {
        let reason = reason(&body).map(|reason| format!(": {reason}"));
        let reason = reason.unwrap_or_default();
        let text = format!("the server answered {status}{reason}");
        return Err(unreadable(text.into()));
    }
    serde_json::from_slice(&body).map_err(|error| unreadable(error.into()))
}

/// Returns the line that is the text of a refusal. `None` if the answer is longer, is empty, or is a page or JSON.
fn reason(body: &[u8]) -> Option<&str> {
    const LONGEST: usize = 500;
    let line = std::str::from_utf8(body).ok()?.trim();
    let is_text = !line.is_empty()
        && line.len() <= LONGEST
        && !line.starts_with(['<', '{', '['])
        && !line.contains(char::is_control);
    is_text.then_some(line)
}

//! The client's end of a WebSocket.
//!
//! The handshake uses hyper and not tungstenite, because tungstenite writes the whole request to the log at TRACE, and the
//! address in the request may contain a token.

use std::pin::pin;

use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, Method, StatusCode};
use hyper::client::conn::http1;
use hyper::upgrade::Parts;
use hyper_util::rt::TokioIo;
use url::Url;

use crate::client::dial::Dialer;
use crate::client::http::RequestBody;
use crate::client::tls::ClientStream;
use crate::function::BoxError;
use crate::peer::{Limits, WebSocketTransport, accept_key, request_key};

pub(crate) async fn connect(
    dialer: &Dialer,
    url: &str,
    limits: &Limits,
) -> Result<WebSocketTransport<ClientStream>, BoxError> {
    let url = Url::parse(url)?;
    let stream = dialer.dial(&url, "ws").await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let key = request_key();
    let request = dialer
        .request_to(Method::GET, &url)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key)
        .body(RequestBody::default())?;
    let exchange = async move {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(format!("the server answered {}", response.status()).into());
        }
        check(response.headers(), &key)?;
        Ok::<_, BoxError>(hyper::upgrade::on(response).await?)
    };
    let mut connection = pin!(connection.with_upgrades());
    let mut exchange = pin!(exchange);
    let upgraded = tokio::select! {
        upgraded = &mut exchange => upgraded?,
        // The connection ends when it hands over its stream or fails. In both cases the exchange has the result.
        _ = &mut connection => exchange.await?,
    };
    let Parts { io, read_buf, .. } = upgraded
        .downcast::<TokioIo<ClientStream>>()
        .map_err(|_| "the upgraded connection has an unexpected type")?;
    let transport = WebSocketTransport::client(io.into_inner(), read_buf.to_vec(), limits);
    Ok(transport.await)
}

/// Checks that the response accepts the upgrade to a WebSocket.
fn check(headers: &HeaderMap, key: &str) -> Result<(), BoxError> {
    let is_websocket = headers
        .get(UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT);
    let is_answer =
        accept.is_some_and(|value| value.as_bytes() == accept_key(key.as_bytes()).as_bytes());
    if is_websocket && is_answer {
        Ok(())
    } else {
        Err("the server did not accept the upgrade to a WebSocket".into())
    }
}

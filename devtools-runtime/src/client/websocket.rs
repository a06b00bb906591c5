//! The client's end of a WebSocket.

use tokio::net::TcpStream;
use url::Url;

use crate::function::BoxError;
use crate::peer::{Limits, WebSocketTransport};

pub(crate) async fn connect(
    url: &str,
    limits: &Limits,
) -> Result<WebSocketTransport<TcpStream>, BoxError> {
    let address = Url::parse(url)?;
    if address.scheme() != "ws" {
        return Err(format!("only `ws` is supported, not `{}`", address.scheme()).into());
    }
    let host = address.host_str().ok_or("the address has no host")?;
    let port = address.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    stream.set_nodelay(true)?;
    WebSocketTransport::client(url, stream, limits).await
}

//! The client's end of a WebSocket.

use tokio::net::TcpStream;
use url::Url;

use crate::client::dial::dial;
use crate::function::BoxError;
use crate::peer::{Limits, WebSocketTransport};

pub(crate) async fn connect(
    url: &str,
    limits: &Limits,
) -> Result<WebSocketTransport<TcpStream>, BoxError> {
    let stream = dial(&Url::parse(url)?, "ws").await?;
    WebSocketTransport::client(url, stream, limits).await
}

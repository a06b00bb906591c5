//! Opening a TCP stream to where a URL points.

use tokio::net::TcpStream;
use url::Url;

use crate::function::BoxError;

/// Connects to the host and port of `url`, whose scheme must be `scheme`: one without encryption.
pub(crate) async fn dial(url: &Url, scheme: &str) -> Result<TcpStream, BoxError> {
    if url.scheme() != scheme {
        return Err(format!("only `{scheme}` is supported, not `{}`", url.scheme()).into());
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

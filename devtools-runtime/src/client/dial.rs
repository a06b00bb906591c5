//! Opens a TCP stream to the host of a URL.

use tokio::net::TcpStream;
use url::Url;

use crate::function::BoxError;

/// Connects to the host and port of `url`. The scheme must be `scheme`, which is one without encryption.
pub(crate) async fn dial(url: &Url, scheme: &str) -> Result<TcpStream, BoxError> {
    if url.scheme() != scheme {
        return Err(format!(
            "the scheme `{}` is not supported: use `{scheme}`",
            url.scheme()
        )
        .into());
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

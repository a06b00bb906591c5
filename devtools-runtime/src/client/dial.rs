//! Opens connections to the host of a URL, and begins the requests on them.

use http::header::HOST;
use http::{HeaderMap, Method, Request, request};
use tokio::net::TcpStream;
use url::{Position, Url};

use crate::client::tls::{ClientStream, Tls, plain};
use crate::client::token::origin_of;
use crate::function::BoxError;

/// The way in which a client opens connections: its own headers, and the certificates that it accepts.
#[derive(Clone, Default)]
pub(crate) struct Dialer {
    headers: HeaderMap,
    /// The origins that the headers may be sent to.
    origins: Vec<String>,
    tls: Tls,
}

impl Dialer {
    /// Creates a dialer that sends `headers` with every request to one of `origins`.
    pub(crate) fn new(headers: HeaderMap, origins: Vec<String>, tls: Tls) -> Self {
        Self {
            headers,
            origins,
            tls,
        }
    }

    /// Connects to the host and port of `url`. The scheme must be `scheme`, or that of the same protocol with encryption.
    pub(crate) async fn dial(&self, url: &Url, scheme: &str) -> Result<ClientStream, BoxError> {
        let is_encrypted = match url.scheme().strip_prefix(scheme) {
            Some("") => false,
            Some("s") => true,
            _ => {
                let unknown = url.scheme();
                return Err(format!(
                    "the scheme `{unknown}` is not supported: use `{scheme}` or `{scheme}s`"
                )
                .into());
            }
        };
        let host = url.host_str().ok_or("the address has no host")?;
        let host = host.trim_matches(['[', ']']);
        let default = if is_encrypted { 443 } else { 80 };
        let port = url.port_or_known_default().unwrap_or(default);
        if !is_encrypted {
            return Ok(plain(connect(host, port).await?));
        }
        // A client that cannot encrypt says so without connecting.
        let secure = self.tls.prepare().await?;
        secure.dial(connect(host, port).await?, host).await
    }

    /// Begins a request to the server of `url`, with the path and the headers that it needs.
    pub(crate) fn request_to(&self, method: Method, url: &Url) -> request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(&url[Position::BeforePath..Position::AfterQuery])
            .header(HOST, &url[Position::BeforeHost..Position::AfterPort]);
        if self.headers.is_empty() || !self.origins.contains(&origin_of(url)) {
            return request;
        }
        if let Some(headers) = request.headers_mut() {
            for (name, value) in &self.headers {
                headers.append(name, value.clone());
            }
        }
        request
    }
}

async fn connect(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

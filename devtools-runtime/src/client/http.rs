//! Fetching a small document over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::Url;

use crate::function::BoxError;

/// How large the connection metadata may be, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// How long fetching it may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Gets a document: its status and its body.
pub(crate) async fn get(url: &Url) -> Result<(StatusCode, Bytes), BoxError> {
    tokio::time::timeout(TIMEOUT, fetch(url)).await?
}

async fn fetch(url: &Url) -> Result<(StatusCode, Bytes), BoxError> {
    if url.scheme() != "http" {
        return Err(format!("only `http` is supported, not `{}`", url.scheme()).into());
    }
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url.port_or_known_default().unwrap_or(80);
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let request = Request::get(&url[url::Position::BeforePath..])
        .header(http::header::HOST, authority)
        .header(http::header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BODY)
            .collect()
            .await?;
        Ok((status, body.to_bytes()))
    };
    // The connection works while the exchange is polled, and is dropped with it.
    tokio::pin!(exchange);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        outcome = &mut exchange => outcome,
        ended = &mut connection => {
            ended?;
            exchange.await
        }
    }
}

//! An HTTP connection that sends one request after another.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::ACCEPT;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use url::Url;

use crate::client::dial::Dialer;
use crate::client::tls::ClientStream;
use crate::function::BoxError;

/// The largest connection metadata, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;

pub(crate) type RequestBody = Full<Bytes>;
type Work = Pin<Box<http1::Connection<TokioIo<ClientStream>, RequestBody>>>;

/// A connection to an HTTP server.
///
/// It has no task of its own. It makes progress while a request or [`poll_work`](Self::poll_work) is polled.
pub(crate) struct HttpConnection {
    sender: http1::SendRequest<RequestBody>,
    /// `None` after the connection has ended.
    work: Option<Work>,
}

/// The error of a request that was not answered.
pub(crate) struct Unanswered {
    /// The request, if no part of it was sent. It can be sent on another connection.
    pub(crate) unsent: Option<Box<Request<RequestBody>>>,
    pub(crate) error: BoxError,
}

/// Gets a document within a time limit. Returns its status and body.
pub(crate) async fn get(
    dialer: &Dialer,
    url: &Url,
    within: Duration,
) -> Result<(StatusCode, Bytes), BoxError> {
    let exchange = async {
        let mut connection = HttpConnection::open(dialer, url).await?;
        let request = dialer
            .request_to(Method::GET, url)
            .header(ACCEPT, "application/json")
            .body(RequestBody::default())?;
        let answer = connection.exchange(request, MAX_BODY).await;
        let answer = answer.map_err(|unanswered| unanswered.error)?;
        Ok((answer.status(), answer.into_body()))
    };
    tokio::time::timeout(within, exchange).await?
}

impl HttpConnection {
    /// Connects to the server of `url`.
    pub(crate) async fn open(dialer: &Dialer, url: &Url) -> Result<Self, BoxError> {
        let stream = dialer.dial(url, "http").await?;
        let (sender, work) = http1::handshake(TokioIo::new(stream)).await?;
        Ok(Self {
            sender,
            work: Some(Box::pin(work)),
        })
    }

    /// Whether the connection accepts no further request.
    pub(crate) fn is_closed(&self) -> bool {
        self.work.is_none() || self.sender.is_closed()
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn send(
        &mut self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let Self { sender, work } = self;
        let exchange = async {
            if let Err(error) = sender.ready().await {
                return Err(Unanswered {
                    unsent: Some(Box::new(request)),
                    error: error.into(),
                });
            }
            let response = sender.try_send_request(request).await;
            response.map_err(|mut error| Unanswered {
                unsent: error.take_message().map(Box::new),
                error: error.into_error().into(),
            })
        };
        alongside(work, exchange).await
    }

    /// Sends a request and waits for its response, whose body may have at most `limit` bytes.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<RequestBody>,
        limit: usize,
    ) -> Result<Response<Bytes>, Unanswered> {
        let (head, body) = self.send(request).await?.into_parts();
        let body = Limited::new(body, limit).collect();
        match alongside(&mut self.work, body).await {
            Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
            Err(error) => Err(Unanswered {
                unsent: None,
                error,
            }),
        }
    }

    /// Makes progress on the connection, for a body that is read in pieces.
    pub(crate) fn poll_work(&mut self, context: &mut Context<'_>) {
        poll_work(&mut self.work, context);
    }
}

/// Polls the connection while `exchange` waits for it.
async fn alongside<F: Future>(work: &mut Option<Work>, exchange: F) -> F::Output {
    let mut exchange = pin!(exchange);
    poll_fn(|context| {
        if let Poll::Ready(output) = exchange.as_mut().poll(context) {
            return Poll::Ready(output);
        }
        // Progress of the connection wakes the exchange.
        poll_work(work, context);
        Poll::Pending
    })
    .await
}

fn poll_work(work: &mut Option<Work>, context: &mut Context<'_>) {
    let ended = work.as_mut().map(|work| work.as_mut().poll(context));
    if let Some(Poll::Ready(ended)) = ended {
        if let Err(error) = ended {
            tracing::debug!(%error, "an HTTP connection failed");
        }
        *work = None;
    }
}

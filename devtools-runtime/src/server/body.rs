//! The bodies of requests and responses.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};

use crate::function::BoxError;

/// The body of a request. It wraps the body of the server that received the request, whatever its type is.
///
/// ```
/// use devtools_runtime::context::{Route, RouteRequest};
/// use devtools_runtime::server::ResponseBody;
/// use http_body_util::BodyExt as _;
///
/// /// Answers with the size of the body that was sent.
/// fn measure() -> Route {
///     Route::new("__measure", |request: RouteRequest| async move {
///         let body = request.into_http().into_body().collect().await;
///         let size = body.map_or(0, |body| body.to_bytes().len());
///         http::Response::new(ResponseBody::from(size.to_string()))
///     })
/// }
/// ```
pub struct RequestBody(UnsyncBoxBody<Bytes, BoxError>);

impl RequestBody {
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let body =
            body.map_frame(|frame| frame.map_data(|mut data| data.copy_to_bytes(data.remaining())));
        Self(body.map_err(Into::into).boxed_unsync())
    }
}

/// The body of a response of the [`DevToolsService`](crate::server::DevToolsService).
///
/// ```
/// use devtools_runtime::server::ResponseBody;
/// use http_body_util::{BodyExt as _, Full};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let text = ResponseBody::from("fine".to_owned());
/// assert_eq!(text.collect().await?.to_bytes(), "fine");
/// // Any other body whose data are `Bytes`.
/// let other = ResponseBody::new(Full::new("fine".into()));
/// # Ok(())
/// # }
/// ```
pub struct ResponseBody(UnsyncBoxBody<Bytes, BoxError>);

impl ResponseBody {
    /// Creates the body of a response from another body.
    pub fn new<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(body.map_err(Into::into).boxed_unsync())
    }

    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::new(Full::new(bytes.into()))
    }

    pub(crate) fn empty() -> Self {
        Self::full(Bytes::new())
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        Self::full(text)
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

macro_rules! forward {
    ($($body:ident)*) => {$(
        impl Body for $body {
            type Data = Bytes;
            type Error = BoxError;

            fn poll_frame(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
                Pin::new(&mut self.0).poll_frame(context)
            }

            fn is_end_stream(&self) -> bool {
                self.0.is_end_stream()
            }

            fn size_hint(&self) -> SizeHint {
                self.0.size_hint()
            }
        }

        impl fmt::Debug for $body {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($body)).finish_non_exhaustive()
            }
        }
    )*};
}

forward!(RequestBody ResponseBody);

//! The upgrade of a request to a WebSocket ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).

use std::sync::Arc;

use http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_util::sync::CancellationToken;

use crate::host::{Arrival, DevToolsContext, SessionPermit};
use crate::peer::{GuardedStream, WebSocketTransport, accept_key};
use crate::server::body::ResponseBody;
use crate::server::encryption::ServerStream;
use crate::server::mount::Mount;
use crate::server::paced::Paced;
use crate::server::response::plain;

/// Answers an upgrade request of a client that may connect, and serves the upgraded connection in a task of the server.
/// `arrive` describes the client.
pub(crate) fn upgrade<B>(
    mount: &Mount,
    request: &mut Request<B>,
    arrive: impl FnOnce(&mut Request<B>) -> Arrival,
) -> Response<ResponseBody> {
    let key = match check_handshake(request) {
        Ok(key) => key,
        Err(refusal) => return *refusal,
    };
    let serving = &mount.serving;
    // This must happen before `arrive` moves the extensions into the session.
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let arrival = Box::new(arrive(request));
    let Some(permit) = serving.context.reserve_session(&arrival) else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "there are too many sessions\n",
        );
    };
    let Some(on_upgrade) = on_upgrade else {
        tracing::warn!(
            "could not upgrade a request to a WebSocket: the application serves connections without upgrades; use \
             `serve_connection_with_upgrades`"
        );
        return plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "this server does not support upgrades to WebSockets\n",
        );
    };

    let closing = mount.closing.child_token();
    let context = serving.context.clone();
    serving
        .tasks
        .spawn(serve(on_upgrade, context, arrival, permit, closing));

    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    // The key is base64, which is valid in a header.
    if let Ok(accept) = HeaderValue::from_str(&key) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// Returns the answer to the request's key, or a refusal if the request is not a WebSocket handshake.
fn check_handshake<B>(request: &Request<B>) -> Result<String, Box<Response<ResponseBody>>> {
    let headers = request.headers();
    let is_upgrade = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_token(headers, &CONNECTION, "upgrade")
        && has_token(headers, &UPGRADE, "websocket");
    if !is_upgrade {
        let mut refusal = plain(
            StatusCode::UPGRADE_REQUIRED,
            "this address accepts WebSockets only\n",
        );
        refusal
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        refusal
            .headers_mut()
            .insert(UPGRADE, HeaderValue::from_static("websocket"));
        return Err(Box::new(refusal));
    }
    let version = HeaderValue::from_static("13");
    if headers.get(SEC_WEBSOCKET_VERSION) != Some(&version) {
        let mut refusal = plain(
            StatusCode::BAD_REQUEST,
            "this server supports WebSocket version 13 only\n",
        );
        refusal.headers_mut().insert(SEC_WEBSOCKET_VERSION, version);
        return Err(Box::new(refusal));
    }
    match headers.get(SEC_WEBSOCKET_KEY) {
        Some(key) => Ok(accept_key(key.as_bytes())),
        None => Err(Box::new(plain(
            StatusCode::BAD_REQUEST,
            "the request has no `Sec-WebSocket-Key` header\n",
        ))),
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// A WebSocket over a stream of this crate's own server, or over one of an application.
enum Opened {
    /// The type of the stream is known, which avoids a boxed stream.
    OwnServer(Box<WebSocketTransport<GuardedStream<ServerStream>>>),
    Application(Box<WebSocketTransport<GuardedStream<TokioIo<Upgraded>>>>),
}

/// Serves an upgraded connection. The memory of the upgrade is freed before, because most connections are idle for long.
async fn serve(
    on_upgrade: OnUpgrade,
    context: DevToolsContext,
    arrival: Box<Arrival>,
    permit: SessionPermit,
    closing: CancellationToken,
) {
    let opened = Box::pin(open(on_upgrade, &context, &arrival, &permit)).await;
    match opened {
        Some(Opened::OwnServer(transport)) => {
            context
                .serve_connection(transport, arrival, permit, closing)
                .await;
        }
        Some(Opened::Application(transport)) => {
            context
                .serve_connection(transport, arrival, permit, closing)
                .await;
        }
        None => {}
    }
}

/// Waits for the upgrade. `None` if it fails, or if the connection has to make room for another one.
async fn open(
    on_upgrade: OnUpgrade,
    context: &DevToolsContext,
    arrival: &Arrival,
    permit: &SessionPermit,
) -> Option<Opened> {
    let evicted = permit.evicted();
    let upgraded = tokio::select! {
        upgraded = on_upgrade => upgraded,
        () = evicted.cancelled() => return None,
    };
    let upgraded = match upgraded {
        Ok(upgraded) => upgraded,
        Err(error) => {
            tracing::debug!(%error, "the upgrade to a WebSocket failed");
            return None;
        }
    };
    let limits = context.limits();
    let access = Arc::clone(&arrival.access);
    let guarded_by = limits.untrusted.frame_bytes.min(limits.frame_bytes);
    let arriving = context.arriving_request();
    Some(match upgraded.downcast::<TokioIo<Paced<ServerStream>>>() {
        Ok(Parts { io, read_buf, .. }) => {
            let stream = io.into_inner().into_inner();
            // The bytes are copied, usually none: the buffer has 8 KiB and would live as long as the connection.
            let read_already = read_buf.to_vec();
            drop(read_buf);
            let mut stream = GuardedStream::new(stream, access, guarded_by, arriving);
            let read_already = stream.admit(read_already);
            let transport = WebSocketTransport::server(stream, read_already, limits).await;
            Opened::OwnServer(Box::new(transport))
        }
        Err(upgraded) => {
            let stream = GuardedStream::new(TokioIo::new(upgraded), access, guarded_by, arriving);
            let transport = WebSocketTransport::server(stream, Vec::new(), limits).await;
            Opened::Application(Box::new(transport))
        }
    })
}

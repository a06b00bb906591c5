//! Streamable HTTP, without sessions: each request has a server of its own.

use std::net::IpAddr;
use std::sync::Arc;

use devtools_runtime::context::RouteRequest;
use devtools_runtime::server::ResponseBody;
use http::{Response, StatusCode};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::handler::Handler;
use crate::plugin::Options;

/// Answers a request whose host, origin and token the server has checked.
pub(crate) async fn respond(
    request: RouteRequest,
    options: Arc<Options>,
) -> Response<ResponseBody> {
    if !options.remote && request.address().is_some_and(|it| !is_loopback(it)) {
        return refused();
    }
    let request_bytes = options.request_bytes;
    let handler = Handler::of_request(request.devtools().clone(), request.client(), options);
    // Host and origin were checked by the rules of the whole server.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_legacy_session_mode(false)
        .with_sse_retry(None)
        .with_max_request_body_bytes(request_bytes);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(handler.clone()), sessions, config);
    service
        .handle(request.into_http())
        .await
        .map(ResponseBody::new)
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn refused() -> Response<ResponseBody> {
    let text = "agents on other machines are refused. To allow them, build the program with `Mcp::remote`.\n";
    let mut response = Response::new(ResponseBody::from(text.to_owned()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

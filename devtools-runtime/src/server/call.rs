//! Plain HTTP: one POST is one call ([protocol 17](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#17-plain-http)).

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::function::{
    BoxError, Fault, FunctionDefinition, FunctionKind, RemoteError, by_position,
};
use crate::host::{Arrival, Credential, DevToolsContext, Failed, SingleCall, SingleResult};
use crate::peer::{ConnectionAccess, shortened};
use crate::server::bearer::bearer;
use crate::server::body::ResponseBody;
use crate::server::headers;
use crate::server::incoming::{BodyLimits, Unread, collect};
use crate::server::mount::Mount;
use crate::server::named_body::NamedBody;
use crate::server::response::with_status;

/// The route in a mount. The name of the function follows.
const ROUTE: &str = "__call";

/// The methods of the route of a function.
const METHODS: &str = "POST, OPTIONS";

/// The methods of the route without a function, which describes all of them.
const DESCRIBING: &str = "GET, HEAD, OPTIONS";

/// The request headers that pages may set.
const HEADERS: HeaderValue = HeaderValue::from_static("content-type, authorization, traceparent");

/// The header of W3C Trace Context, with the trace and the span of the caller.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The code of the error for a caller without the role that a function asks for.
const ROLE_REQUIRED: &str = "role-required";

/// The code of the error for a caller that calls too often.
const RATE_LIMITED: &str = "rate-limited";

/// The code of the error for a call that a replayed recording does not have.
const NOT_RECORDED: &str = "not-recorded";

/// A request that is answered without a call, or after it failed.
#[derive(Debug)]
struct FailedRequest {
    status: StatusCode,
    error: RemoteError,
    /// The methods that the route has, if the request has another one.
    allow: Option<&'static str>,
}

/// The document in the answer to a call that failed.
#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorFields<'a>,
}

#[derive(Serialize)]
struct ErrorFields<'a> {
    name: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a serde_json::Value>,
}

/// Returns the name of the function in the path of a route, without a slash at its end. The name is empty in the path of all functions.
pub(crate) fn function(path: &str) -> Option<&str> {
    match path.strip_prefix(ROUTE)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

/// Answers a request of a client that may connect. `function` is the rest of the path, and `arrive` describes the client.
pub(crate) async fn respond<B>(
    mount: &Mount,
    request: &mut Request<()>,
    body: B,
    function: &str,
    arrive: impl FnOnce(&mut Request<()>) -> Arrival,
) -> Response<ResponseBody>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    if headers::is_preflight(request) {
        let methods = if function.is_empty() {
            DESCRIBING
        } else {
            METHODS
        };
        let methods = HeaderValue::from_static(methods);
        return headers::preflight_with(request, methods, HEADERS);
    }
    if function.is_empty() && matches!(*request.method(), Method::GET | Method::HEAD) {
        return match describe(mount, request, arrive).await {
            Ok(document) => answer(StatusCode::OK, document),
            Err(refusal) => refusal.into_response(),
        };
    }
    match call(mount, request, body, function, arrive).await {
        Ok(Some(json)) => answer(StatusCode::OK, json),
        Ok(None) => with_status(StatusCode::NO_CONTENT, ResponseBody::empty()),
        Err(refusal) => refusal.into_response(),
    }
}

/// Returns the `OpenRPC` document of the functions, for a client that could call them.
async fn describe(
    mount: &Mount,
    request: &mut Request<()>,
    arrive: impl FnOnce(&mut Request<()>) -> Arrival,
) -> Result<String, FailedRequest> {
    let context = &mount.serving.context;
    let bearer = bearer(request.headers()).map(str::to_owned);
    let mut arrival = arrive(request);
    let token = arrival.token.take();
    credential(context, &arrival, bearer.or(token)).await?;
    let Some(openrpc) = mount.serving.settings.openrpc else {
        return Err(FailedRequest::new(
            StatusCode::NOT_FOUND,
            "this program does not describe its functions: turn on the feature `typescript` of devtools-runtime",
        ));
    };
    openrpc(context)
        .map_err(|error| FailedRequest::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Makes the call. Returns the result as JSON, or `None` for an event.
async fn call<B>(
    mount: &Mount,
    request: &mut Request<()>,
    body: B,
    function: &str,
    arrive: impl FnOnce(&mut Request<()>) -> Arrival,
) -> Result<Option<String>, FailedRequest>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    if function.is_empty() {
        let text = "the path names no function: call one with POST __call/NAME, or get the description of all with GET __call";
        return Err(FailedRequest::of_method(text, DESCRIBING));
    }
    if request.method() != Method::POST {
        let text = "a function is called with POST";
        return Err(FailedRequest::of_method(text, METHODS));
    }
    // Browsers send other types without asking the server first.
    if !is_json(request.headers()) {
        return Err(FailedRequest::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON: send the header `content-type: application/json`",
        ));
    }
    let context = &mount.serving.context;
    let parent = request.headers().get(TRACEPARENT);
    let parent = parent.and_then(|parent| parent.to_str().ok().map(str::to_owned));
    let bearer = bearer(request.headers()).map(str::to_owned);
    let mut arrival = arrive(request);
    let token = arrival.token.take();
    let credential = credential(context, &arrival, bearer.or(token)).await?;
    let name = percent_decode_str(function).decode_utf8_lossy();
    let definition = context.called_by_clients(&name);
    if definition.is_none() && !is_replaying(context) {
        return Err(unknown(context, &name));
    }
    let permit = context.reserve_session(&arrival).ok_or_else(|| {
        let text = "there are too many sessions";
        FailedRequest::new(StatusCode::SERVICE_UNAVAILABLE, text)
    })?;
    let body = read(body, context).await?;
    let arguments = arguments(&name, definition.as_ref(), body)?;
    #[cfg(feature = "recording")]
    {
        let kind = definition.as_ref().map(FunctionDefinition::kind);
        let is_event = kind == Some(FunctionKind::Event);
        let replayed = context.replayed_call(&name, &arguments, is_event).await;
        if let Some(replayed) = replayed {
            return response(replayed);
        }
    }
    let definition = definition.ok_or_else(|| unknown(context, &name))?;
    let runs_to_end = matches!(
        definition.kind(),
        FunctionKind::Action | FunctionKind::Event
    );
    let call = SingleCall::new(context, definition, arrival, credential, permit);
    let result = if runs_to_end {
        // If the client disconnects, its request is dropped. A task of its own lets an action run to its end.
        let task = async move { call.run(&arguments, parent.as_deref()).await };
        mount.serving.tasks.spawn(task).await.map_err(|_| {
            let text = "the program is being shut down";
            FailedRequest::new(StatusCode::SERVICE_UNAVAILABLE, text)
        })?
    } else {
        call.run(&arguments, parent.as_deref()).await
    };
    response(result)
}

/// Returns the result of a call as JSON, or `None` for an event.
fn response(result: SingleResult) -> Result<Option<String>, FailedRequest> {
    match result {
        SingleResult::Returned(json) => Ok(Some(json)),
        SingleResult::Sent => Ok(None),
        SingleResult::Failed(failed) => Err(FailedRequest::of(failed)),
    }
}

/// Returns whether a recording answers in the place of the functions.
#[cfg_attr(
    not(feature = "recording"),
    expect(unused_variables, reason = "nothing is recorded")
)]
fn is_replaying(context: &DevToolsContext) -> bool {
    #[cfg(feature = "recording")]
    let is_replaying = context.interposed().is_some();
    #[cfg(not(feature = "recording"))]
    let is_replaying = false;
    is_replaying
}

/// Returns the credential that makes the client trusted, and opens its access. `None` if the program has no gate.
async fn credential(
    context: &DevToolsContext,
    arrival: &Arrival,
    token: Option<String>,
) -> Result<Option<Credential>, FailedRequest> {
    let Some(trust) = context.trust() else {
        return Ok(None);
    };
    let Some(token) = token else {
        return Err(FailedRequest::new(
            StatusCode::UNAUTHORIZED,
            "this program wants a token: send the header `authorization: Bearer TOKEN`",
        ));
    };
    match trust.knows(&token).await {
        Ok(true) => {
            arrival.access.set(ConnectionAccess::Open);
            Ok(Some(Credential {
                identity: trust.identity(&token),
                token: token.into(),
            }))
        }
        Ok(false) => Err(FailedRequest::new(
            StatusCode::UNAUTHORIZED,
            "this program does not trust the token",
        )),
        Err(error) => {
            tracing::warn!(%error, "a token could not be looked up");
            Err(FailedRequest::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "the token could not be looked up: try again",
            ))
        }
    }
}

/// Reads the body.
async fn read<B>(body: B, context: &DevToolsContext) -> Result<String, FailedRequest>
where
    B: Body<Data: Send, Error: Into<BoxError>>,
{
    let limit = context.limits().frame_bytes;
    let refused = |status, text: String| FailedRequest::new(status, text);
    let collected = collect(body, BodyLimits::of(context, limit))
        .await
        .map_err(|unread| match unread {
            Unread::TooLarge => refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is over the limit `frame_bytes` of {limit}"),
            ),
            error @ Unread::TooSlow => refused(StatusCode::REQUEST_TIMEOUT, error.to_string()),
            Unread::TooMany(over) => refused(StatusCode::SERVICE_UNAVAILABLE, over.to_string()),
            error @ Unread::Broken(_) => refused(StatusCode::BAD_REQUEST, error.to_string()),
        })?;
    String::from_utf8(collected.bytes)
        .map_err(|_| FailedRequest::new(StatusCode::BAD_REQUEST, "the body is not UTF-8"))
}

/// Returns the arguments in a body as the text of an array. `function` is `None` if only a recording has the function.
fn arguments(
    name: &str,
    function: Option<&FunctionDefinition>,
    body: String,
) -> Result<String, FailedRequest> {
    let refused = |text: String| FailedRequest::new(StatusCode::BAD_REQUEST, text);
    let text = body.trim_ascii();
    if text.is_empty() {
        return Ok("[]".to_owned());
    }
    let not_json = |error| refused(format!("the body is not JSON: {error}"));
    let value: &RawValue = serde_json::from_str(text).map_err(not_json)?;
    match value.get().as_bytes().first() {
        Some(b'[') => Ok(body),
        Some(b'{') => {
            let NamedBody(named) = serde_json::from_str(value.get()).map_err(not_json)?;
            let function = function.ok_or_else(|| {
                refused(format!(
                    "this program does not know the parameters of `{}`: send the array of the arguments",
                    shortened(name)
                ))
            })?;
            let values = by_position(function.name(), function.parameters(), named)
                .map_err(|error| refused(error.to_string()))?;
            let texts: Vec<_> = values
                .into_iter()
                .map(|value| value.map_or("null", RawValue::get))
                .collect();
            Ok(format!("[{}]", texts.join(",")))
        }
        _ => Err(refused(
            "the body must be the array of the arguments, or an object with the arguments by name"
                .to_owned(),
        )),
    }
}

/// Returns whether the content type of a request is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    let essence = value.and_then(|value| value.to_str().ok()?.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn unknown(context: &DevToolsContext, name: &str) -> FailedRequest {
    let replacement = context.replacement();
    if let Some(on_unknown_call) = replacement.map(|replacement| &replacement.on_unknown_call) {
        on_unknown_call(name, crate::wire::Payload::Absent);
    }
    FailedRequest::new(
        StatusCode::NOT_FOUND,
        format!("there is no function named `{}`", shortened(name)),
    )
}

fn answer(status: StatusCode, json: String) -> Response<ResponseBody> {
    let mut response = with_status(status, ResponseBody::full(json));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl FailedRequest {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            error: RemoteError::new(message),
            allow: None,
        }
    }

    /// Refuses the method of a request, whose route has the methods `allow`.
    fn of_method(message: &str, allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
        }
    }

    fn of(failed: Failed) -> Self {
        let code = failed.error.code.as_deref();
        let status = match (failed.fault, code) {
            _ if failed.timed_out => StatusCode::GATEWAY_TIMEOUT,
            (Fault::Arguments, _) => StatusCode::BAD_REQUEST,
            (Fault::Function, Some(ROLE_REQUIRED)) => StatusCode::FORBIDDEN,
            (Fault::Function, Some(RATE_LIMITED)) => StatusCode::TOO_MANY_REQUESTS,
            (Fault::Function, Some(NOT_RECORDED)) => StatusCode::NOT_FOUND,
            (Fault::Function, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            (Fault::Function, None) | (Fault::Program, _) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            status,
            error: failed.error,
            allow: None,
        }
    }

    fn into_response(self) -> Response<ResponseBody> {
        let Self {
            status,
            error,
            allow,
        } = self;
        let document = ErrorDocument {
            error: ErrorFields {
                name: &error.name,
                message: &error.message,
                code: error.code.as_deref(),
                data: error.data.as_ref(),
            },
        };
        // Strings and JSON values can always be written.
        let mut response = answer(status, serde_json::to_string(&document).unwrap_or_default());
        let headers = response.headers_mut();
        if let Some(allow) = allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => drop(headers.insert(RETRY_AFTER, headers::SOON)),
            StatusCode::TOO_MANY_REQUESTS => {
                let data = error.data.as_ref();
                let wait = data.and_then(|data| data.get("retryAfterMs")?.as_u64());
                if let Some(wait) = wait {
                    headers.insert(RETRY_AFTER, wait.div_ceil(1000).into());
                }
            }
            _ => {}
        }
        response
    }
}

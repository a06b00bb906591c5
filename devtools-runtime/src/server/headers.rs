//! The headers of every response of a mount. They tell browsers which pages may read, frame and embed the response.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_SECURITY_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};

use crate::host::OriginPattern;
use crate::server::body::ResponseBody;
use crate::server::response::{plain, with_status};

/// The sources that may always show views in frames: the pages of this machine. IPv6 addresses are left out, because browsers
/// do not accept them in a policy.
const THIS_MACHINE: &str = "'self' http://localhost:* https://localhost:* http://*.localhost:* https://*.localhost:* \
                            http://127.0.0.1:* https://127.0.0.1:*";

const EMBEDDING: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The request header that asks whether a page of the web may reach an address of a private network.
const ASKS_FOR_PRIVATE: HeaderName =
    HeaderName::from_static("access-control-request-private-network");

const ALLOWS_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// The request headers that scripts may set, besides the ones that every script may set.
pub(crate) const READ_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, x-birpc-session");

/// The value of `retry-after` for clients that may find room soon, in seconds.
pub(crate) const SOON: HeaderValue = HeaderValue::from_static("1");

/// Returns the policy that lets pages of this machine and of the `allowed` origins show the views in frames.
pub(crate) fn framing(allowed: &[OriginPattern]) -> HeaderValue {
    let sources: Vec<String> = allowed.iter().flat_map(OriginPattern::sources).collect();
    let policy = format!("frame-ancestors {THIS_MACHINE} {}", sources.join(" "));
    // Patterns contain only characters that URLs may have.
    HeaderValue::from_str(policy.trim_end())
        .unwrap_or(HeaderValue::from_static("frame-ancestors 'self'"))
}

/// Adds the headers that every response has. `reader` is the origin of a page that may read the response.
pub(crate) fn add(
    response: &mut Response<ResponseBody>,
    reader: Option<&HeaderValue>,
    framing: &HeaderValue,
) {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, framing.clone());
    // Caches must not reuse the permission of one origin for another.
    headers.append(VARY, HeaderValue::from_static("origin"));
    let embedded_by = match reader {
        Some(reader) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader.clone());
            "cross-origin"
        }
        // All ports of a host are the same site, so a hub on this machine can show the icons of another server.
        None => "same-site",
    };
    headers.insert(EMBEDDING, HeaderValue::from_static(embedded_by));
}

/// Returns whether a request is a CORS preflight.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let asks = request
        .headers()
        .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks
}

/// Returns the answer to a CORS preflight that allows these methods.
pub(crate) fn preflight<B>(request: &Request<B>, methods: HeaderValue) -> Response<ResponseBody> {
    preflight_with(request, methods, READ_HEADERS)
}

/// Returns the answer to a CORS preflight that allows these methods and request headers.
pub(crate) fn preflight_with<B>(
    request: &Request<B>,
    methods: HeaderValue,
    allowed: HeaderValue,
) -> Response<ResponseBody> {
    let mut response = with_status(StatusCode::NO_CONTENT, ResponseBody::empty());
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    if request.headers().contains_key(ASKS_FOR_PRIVATE) {
        headers.insert(ALLOWS_PRIVATE, HeaderValue::from_static("true"));
    }
    response
}

/// The methods of resources that can only be read.
pub(crate) const READING: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// Returns whether a request has a method that only reads.
pub(crate) fn only_reads<B>(request: &Request<B>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Returns the refusal of a method other than GET and HEAD.
pub(crate) fn method_not_allowed() -> Response<ResponseBody> {
    let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
    refused.headers_mut().insert(ALLOW, READING);
    refused
}

#[cfg(test)]
mod tests {
    use super::framing;

    #[test]
    fn hubs_are_named_in_the_policy() {
        let hubs = [
            "https://hub.example".parse().unwrap(),
            "vscode-webview://*".parse().unwrap(),
        ];
        let policy = framing(&hubs);
        let policy = policy.to_str().unwrap();
        assert!(
            policy.starts_with("frame-ancestors 'self' http://localhost:* "),
            "{policy}"
        );
        assert!(
            policy.ends_with(" https://hub.example vscode-webview:"),
            "{policy}"
        );
        assert!(!framing(&[]).to_str().unwrap().ends_with(' '));
    }
}

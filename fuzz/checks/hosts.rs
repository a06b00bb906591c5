//! Which hosts are answered, and which pages may connect.

use std::net::Ipv4Addr;
use std::str::from_utf8;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HOST, ORIGIN};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::Empty;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower_service::Service as _;
use url::{Host, Url};

use super::Verdict;
use crate::DevTools;
use crate::host::Auth;
use crate::server::Addresses;
use crate::server::DevToolsService;

/// A host that is allowed, and the end of others.
const ALLOWED: [&str; 2] = ["devbox.example", ".example.local"];

/// A server of its own, and what it runs on.
struct Own {
    runtime: Runtime,
    service: DevToolsService,
}

impl Own {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
        let service = runtime.block_on(async {
            let [name, suffix] = ALLOWED;
            let devtools = DevTools::builder().auth(Auth::None).without_collected();
            let devtools = devtools
                .allow_host(name)
                .allow_host(suffix)
                .allow_origin(format!("https://{name}"));
            let devtools = devtools.build().await;
            let devtools = devtools.unwrap_or_else(|error| panic!("no server: {error}"));
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
            let listener = listener.unwrap_or_else(|error| panic!("no listener: {error}"));
            let addresses = Addresses::of(&listener, "http").await;
            let addresses = addresses.unwrap_or_else(|error| panic!("no address: {error}"));
            devtools.standalone(Arc::new(addresses))
        });
        Self { runtime, service }
    }
}

/// A `Host` header, and an `Origin` header in a second line, if there is one.
///
/// # Panics
///
/// If a host is answered, or a page let in, that is neither this machine nor allowed.
pub fn hosts(lines: &[u8]) -> Verdict {
    thread_local! {
        static OWN: Own = Own::new();
    }

    let mut lines = lines.split(|byte| *byte == b'\n');
    let mut line = || lines.next().map(HeaderValue::from_bytes);
    let (Some(Ok(host)), origin) = (line(), line().and_then(Result::ok)) else {
        return Verdict::Refused;
    };
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.uri_mut() = http::Uri::from_static("/__devtools/__connection.json");
    request.headers_mut().insert(HOST, host.clone());
    if let Some(origin) = &origin {
        request.headers_mut().insert(ORIGIN, origin.clone());
    }
    let response = OWN.with(|own| {
        let Ok(response) = own.runtime.block_on(own.service.clone().call(request));
        response
    });
    let reader = response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
    if response.status() != StatusCode::OK {
        let status = response.status();
        let is_refusal = matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN);
        assert!(is_refusal, "{status}");
        assert_eq!(reader, None);
        return Verdict::Refused;
    }
    let host = from_utf8(host.as_bytes()).unwrap_or_else(|_| panic!("{host:?} is answered"));
    assert!(is_known(host), "{host} is answered");
    if let Some(reader) = reader {
        assert_eq!(Some(reader), origin.as_ref());
        let origin = from_utf8(reader.as_bytes()).unwrap_or_default();
        let url = Url::parse(origin).unwrap_or_else(|error| panic!("{origin}: {error}"));
        let is_own = origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
        let is_allowed =
            without_root(origin).eq_ignore_ascii_case(&format!("https://{}", ALLOWED[0]));
        assert!(
            is_own || is_allowed || is_loopback(&url),
            "{origin} may read"
        );
    }
    Verdict::Read
}

/// Whether this is a host and perhaps a port, and one of those that are answered.
fn is_known(host: &str) -> bool {
    let lower = host.to_ascii_lowercase();
    let is_of_host = |letter: char| letter.is_ascii_alphanumeric() || "-_.[]:".contains(letter);
    if !lower.chars().all(is_of_host) {
        return false;
    }
    let Ok(url) = Url::parse(&format!("http://{lower}/")) else {
        return false;
    };
    let [name, suffix] = ALLOWED;
    let known = without_root(url.host_str().unwrap_or_default());
    let is_below = known.ends_with(suffix) || known == &suffix[1..];
    url.path() == "/" && (is_loopback(&url) || known == name || is_below)
}

/// A name without the dot that stands for the root of all names.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = without_root(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

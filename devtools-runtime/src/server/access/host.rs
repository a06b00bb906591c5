//! The host that a request is sent to.

use std::net::IpAddr;

use http::header::HOST;
use http::{Request, Version};
use url::{Host, Url};

use crate::host::{split_port, without_root};

/// The host and port of a request as the client wrote them, and the host parsed as browsers parse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestHost {
    /// The host and the port as text, in lower case.
    authority: String,
    host: Host<String>,
}

impl RequestHost {
    /// Reads the host of a request. Returns `None` for a request without a host, which HTTP/1.0 allows and browsers never
    /// send.
    ///
    /// # Errors
    ///
    /// If the request is malformed. The error is the text of the refusal.
    pub(crate) fn of<B>(request: &Request<B>) -> Result<Option<Self>, &'static str> {
        let mut headers = request.headers().get_all(HOST).iter();
        let header = headers.next();
        if headers.next().is_some() {
            return Err("the request has two `Host` headers\n");
        }
        let header = header
            .map(|value| value.to_str().ok().and_then(Self::parse).ok_or(MALFORMED))
            .transpose()?;
        // HTTP/2 requests have the host in their URI.
        let target = request
            .uri()
            .authority()
            .map(|authority| Self::parse(authority.as_str()).ok_or(MALFORMED))
            .transpose()?;
        match (header, target) {
            (Some(header), Some(target)) if header != target => {
                Err("the `Host` header differs from the host in the address\n")
            }
            (None, None) if request.version() == Version::HTTP_11 => {
                Err("the request has no `Host` header\n")
            }
            (header, target) => Ok(header.or(target)),
        }
    }

    /// Reads `host` or `host:port`. Returns `None` for everything else, such as a user, a path or a space.
    fn parse(authority: &str) -> Option<Self> {
        let (host, _) = split_port(authority)?;
        let is_of_host = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'[' | b']' | b':')
        };
        if host.is_empty() || !host.bytes().all(is_of_host) {
            return None;
        }
        let url = Url::parse(&format!("http://{host}/")).ok()?;
        let host = match url.host()? {
            Host::Domain(name) => {
                let name = without_root(name);
                if name.split('.').any(str::is_empty) {
                    return None;
                }
                Host::Domain(name.to_owned())
            }
            address => address.to_owned(),
        };
        Some(Self {
            authority: authority.to_ascii_lowercase(),
            host,
        })
    }

    /// Returns the host without its port, in lower case. An IPv6 address has brackets.
    pub(crate) fn name(&self) -> String {
        self.host.to_string()
    }

    /// Returns the address, if the host is an address and not a name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address).to_canonical()),
        }
    }

    /// Returns whether the host is a loopback address or `localhost`.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Returns whether a page of this origin has the same host and port.
    pub(crate) fn is_of_origin(&self, origin: &str) -> bool {
        let web = origin
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
        web.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(&self.authority))
    }
}

const MALFORMED: &str =
    "the `Host` header is malformed: it must be a name or an address, and optionally a port\n";

pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref();
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use http::{Request, Version};

    use super::RequestHost;

    fn host_of(hosts: &[&str]) -> Result<Option<String>, &'static str> {
        let mut request = Request::builder().uri("/");
        for host in hosts {
            request = request.header("host", *host);
        }
        let host = RequestHost::of(&request.body(()).unwrap())?;
        Ok(host.map(|host| host.name()))
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for (host, name) in [
            ("localhost", "localhost"),
            ("DevBox.example:9", "devbox.example"),
            ("my_app:80", "my_app"),
            ("localhost.", "localhost"),
            ("devbox.example.:9", "devbox.example"),
            ("127.0.0.1:1", "127.0.0.1"),
            ("127.1", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
        ] {
            assert_eq!(host_of(&[host]), Ok(Some(name.to_owned())), "{host}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for host in [
            "",
            ":80",
            "a b",
            "a\tb",
            "user@localhost",
            "localhost/x",
            "localhost#x",
            "localhost?x",
            "localhost\\x",
            "localhost:",
            "localhost:x",
            "localhost:+1",
            "localhost:99999",
            "[::1",
            "[::1]x",
            "::1",
            "%6cocalhost",
            "a,b",
            ".",
            "..",
            "localhost..",
            ".localhost",
            "a..localhost",
        ] {
            assert!(host_of(&[host]).is_err(), "{host:?}");
        }
        assert!(host_of(&["localhost", "localhost"]).is_err());
        assert!(host_of(&[]).is_err());
    }

    #[test]
    fn the_host_may_be_in_the_address() {
        let request = |address: &str, host: Option<&str>| {
            let mut request = Request::builder().uri(address).version(Version::HTTP_2);
            if let Some(host) = host {
                request = request.header("host", host);
            }
            RequestHost::of(&request.body(()).unwrap()).map(|host| host.unwrap().name())
        };
        assert_eq!(
            request("http://localhost:1/x", None).as_deref(),
            Ok("localhost")
        );
        assert_eq!(
            request("http://localhost:1/x", Some("localhost:1")).as_deref(),
            Ok("localhost")
        );
        assert!(request("http://localhost:1/x", Some("evil.example")).is_err());
        let old = Request::builder()
            .uri("/")
            .version(Version::HTTP_10)
            .body(())
            .unwrap();
        assert_eq!(RequestHost::of(&old), Ok(None));
    }
}

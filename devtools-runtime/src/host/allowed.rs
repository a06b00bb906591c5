//! Patterns for the hosts that a server answers to, and for the origins of pages that may connect or frame.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The longest name that DNS allows.
const LONGEST_NAME: usize = 253;

/// A pattern for the host of a request: a name, a suffix such as `.example.local`, or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPattern(HostPart);

/// A pattern for the origin of a page: a scheme, a host and a port, each of which may be left open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OriginPattern {
    /// `None` matches `http` and `https`.
    scheme: Option<String>,
    /// `None` matches every host of the scheme.
    host: Option<HostPart>,
    port: Port,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostPart {
    /// In lower case.
    Name(String),
    /// A domain in lower case without the leading dot. It matches the domain itself and every name below it.
    Suffix(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Port {
    Any,
    /// The default port of the scheme, which origins leave out.
    Default,
    Number(u16),
}

/// The error for a text that is not a host pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a host: write a name such as `devbox`, a suffix such as `.example.local`, or an IP address, without a \
     scheme or a path"
)]
pub(crate) struct NoHost(pub(crate) String);

/// The error for a text that is not an origin pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an origin: write `https://host` or `https://host:port` without a path, a name such as `devbox`, a suffix such \
     as `.example.local`, or a scheme such as `vscode-webview://*`"
)]
pub(crate) struct NoOrigin(pub(crate) String);

impl HostPattern {
    /// Returns whether the pattern matches a host. The host is in lower case: a name, or an address as text.
    pub(crate) fn matches(&self, host: &str) -> bool {
        self.0.matches(host)
    }
}

impl OriginPattern {
    /// Returns whether the pattern matches the value of an `Origin` header. The value is not normalized, because browsers
    /// write each origin in one way only: no page has the origin `https://host:443`.
    pub(crate) fn matches(&self, origin: &str) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        let is_of_scheme = match &self.scheme {
            Some(wanted) => scheme == wanted,
            None => matches!(scheme, "http" | "https"),
        };
        let Some((host, port)) = split_port(authority) else {
            return false;
        };
        let is_of_port = match self.port {
            Port::Any => true,
            Port::Default => port.is_none(),
            Port::Number(wanted) => port == Some(wanted) && default_port(scheme) != port,
        };
        let is_of_host = match &self.host {
            Some(pattern) => pattern.matches(&host.to_ascii_lowercase()),
            None => is_opaque_host(host),
        };
        is_of_scheme && is_of_port && is_of_host
    }

    /// Returns the source expressions of a content security policy that match the same origins. The list is empty for an IPv6
    /// address, which a policy cannot contain.
    pub(crate) fn sources(&self) -> Vec<String> {
        let schemes = match &self.scheme {
            Some(scheme) => vec![scheme.as_str()],
            None => vec!["http", "https"],
        };
        let Some(host) = &self.host else {
            return schemes.iter().map(|scheme| format!("{scheme}:")).collect();
        };
        let hosts = match host {
            HostPart::Name(name) => vec![name.clone()],
            HostPart::Suffix(name) => vec![name.clone(), format!("*.{name}")],
            HostPart::Address(IpAddr::V4(address)) => vec![address.to_string()],
            HostPart::Address(IpAddr::V6(_)) => return Vec::new(),
        };
        let port = match self.port {
            Port::Any => ":*".to_owned(),
            Port::Default => String::new(),
            Port::Number(port) => format!(":{port}"),
        };
        let of_scheme = |scheme: &str| -> Vec<String> {
            let of_host = |host: &String| format!("{scheme}://{host}{port}");
            hosts.iter().map(of_host).collect()
        };
        schemes.into_iter().flat_map(of_scheme).collect()
    }
}

impl HostPart {
    fn matches(&self, host: &str) -> bool {
        let host = without_root(host);
        match self {
            Self::Name(name) => name == host,
            Self::Suffix(name) => {
                let above = host.strip_suffix(name.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            Self::Address(address) => address_of(host) == Some(*address),
        }
    }
}

impl FromStr for HostPart {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(address) = address_of(text) {
            return Ok(Self::Address(address));
        }
        let name = text.to_ascii_lowercase();
        let (suffix, name) = match name.strip_prefix('.') {
            Some(rest) => (true, rest.to_owned()),
            None => (false, name),
        };
        let name = without_root(&name).to_owned();
        let is_label = |label: &str| {
            let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !label.is_empty() && label.bytes().all(is_of_name)
        };
        if name.len() > LONGEST_NAME || !name.split('.').all(is_label) {
            return Err(());
        }
        Ok(if suffix {
            Self::Suffix(name)
        } else {
            Self::Name(name)
        })
    }
}

impl FromStr for HostPattern {
    type Err = NoHost;

    /// Reads a pattern. A port is ignored: the host check is against DNS rebinding, where a foreign page chooses the name but
    /// not the port.
    fn from_str(text: &str) -> Result<Self, NoHost> {
        let refused = |()| NoHost(text.to_owned());
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            return Ok(Self(HostPart::Address(IpAddr::V6(address).to_canonical())));
        }
        let (host, _) = split_port(text).ok_or(()).map_err(refused)?;
        host.parse().map(Self).map_err(refused)
    }
}

impl FromStr for OriginPattern {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        read_origin(text).ok_or_else(|| NoOrigin(text.to_owned()))
    }
}

fn read_origin(text: &str) -> Option<OriginPattern> {
    // `null` is the origin of every sandboxed page, so a pattern for it would let all of them in.
    if text.eq_ignore_ascii_case("null") {
        return None;
    }
    let (scheme, authority) = match text.split_once("://") {
        Some((scheme, authority)) => (Some(scheme.to_ascii_lowercase()), authority),
        None => (None, text),
    };
    if scheme.as_deref().is_some_and(|scheme| !is_scheme(scheme)) {
        return None;
    }
    if authority == "*" {
        // `http://*` and `https://*` would let every page in.
        let scheme = scheme.filter(|scheme| !matches!(scheme.as_str(), "http" | "https"))?;
        return Some(OriginPattern {
            scheme: Some(scheme),
            host: None,
            port: Port::Any,
        });
    }
    let (authority, any_port) = match authority.strip_suffix(":*") {
        Some(host) => (host, true),
        None => (authority, false),
    };
    let (host, port) = split_port(authority)?;
    let port = match port {
        _ if any_port => Port::Any,
        Some(port) if scheme.as_deref().and_then(default_port) == Some(port) => Port::Default,
        Some(port) => Port::Number(port),
        None if scheme.is_some() => Port::Default,
        None => Port::Any,
    };
    Some(OriginPattern {
        scheme,
        host: Some(host.parse().ok()?),
        port,
    })
}

fn is_scheme(text: &str) -> bool {
    let is_of_scheme =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_of_scheme)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Returns whether a text can be the host of an origin with a scheme outside the web, such as the identifier in
/// `vscode-webview://1f2a3b`.
fn is_opaque_host(host: &str) -> bool {
    let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    host.bytes().all(is_of_host)
}

/// Returns a name without the dot at its end, which stands for the root of all names: `devbox.` is `devbox`.
pub(crate) fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// Splits `host`, `host:port`, `[v6]` or `[v6]:port`. Returns `None` if the port is not a number or text follows it.
pub(crate) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(end_of_host)?;
    if rest.is_empty() {
        return Some((host, None));
    }
    let digits = rest.strip_prefix(':')?;
    // `parse` would accept a sign.
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|_| is_number)?;
    Some((host, Some(port)))
}

/// Reads the host of a URL as an IP address. An IPv4 address that is mapped into IPv6 is returned as IPv4.
fn address_of(host: &str) -> Option<IpAddr> {
    let address = match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(inner) => IpAddr::V6(inner.parse().ok()?),
        None => IpAddr::V4(host.parse().ok()?),
    };
    Some(address.to_canonical())
}

/// Writes an address as URLs do: IPv6 in brackets.
pub(crate) fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Reads all patterns of a list.
pub(crate) fn patterns<P: FromStr>(texts: &[String]) -> Result<Vec<P>, P::Err> {
    texts.iter().map(|text| text.parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::{HostPattern, OriginPattern};

    #[track_caller]
    fn hosts(pattern: &str, matching: &[&str], others: &[&str]) {
        let pattern: HostPattern = pattern.parse().unwrap();
        for host in matching {
            assert!(pattern.matches(host), "{host}");
        }
        for host in others {
            assert!(!pattern.matches(host), "{host}");
        }
    }

    #[track_caller]
    fn origins(pattern: &str, matching: &[&str], others: &[&str]) {
        let pattern: OriginPattern = pattern.parse().unwrap();
        for origin in matching {
            assert!(pattern.matches(origin), "{origin}");
        }
        for origin in others {
            assert!(!pattern.matches(origin), "{origin}");
        }
    }

    #[test]
    fn hosts_are_names_suffixes_and_addresses_with_or_without_a_port() {
        hosts("DevBox", &["devbox"], &["devbox.evil", "a.devbox", ""]);
        hosts("devbox:7812", &["devbox"], &["devbox:7812"]);
        for pattern in ["devbox", "devbox.", "devbox.:7812"] {
            hosts(pattern, &["devbox", "devbox."], &["devbox..", "."]);
        }
        hosts(
            ".example.local",
            &["example.local", "a.example.local", "b.a.example.local"],
            &["badexample.local", "example.local.evil", ".example.localx"],
        );
        hosts(
            "192.168.1.5:80",
            &["192.168.1.5"],
            &["192.168.1.6", "192.168.1.5.evil"],
        );
        for pattern in ["fd00::1", "[fd00::1]", "[fd00::1]:7812", "[FD00:0::1]"] {
            hosts(pattern, &["[fd00::1]"], &["fd00::1", "[fd00::2]"]);
        }
    }

    #[test]
    fn origins_are_exact_or_leave_a_part_open() {
        origins(
            "https://Panel.example",
            &["https://panel.example"],
            &[
                "http://panel.example",
                "https://panel.example:8443",
                "https://panel.example.evil",
                "https://panel.example/",
                "https://a@panel.example",
                "https://panel.example:443",
            ],
        );
        origins("https://panel.example:443", &["https://panel.example"], &[]);
        origins(
            "https://panel.example:8443",
            &["https://panel.example:8443"],
            &["https://panel.example", "https://panel.example:+8443"],
        );
        origins(
            "https://panel.example:*",
            &["https://panel.example", "https://panel.example:1"],
            &["http://panel.example"],
        );
        origins(
            ".example.local",
            &["http://example.local:5173", "https://a.example.local"],
            &["http://badexample.local", "ftp://a.example.local", "null"],
        );
        origins(
            "devbox",
            &["http://devbox", "https://devbox:1", "http://devbox.:1"],
            &["http://devbox.evil"],
        );
        origins("devbox:5173", &["http://devbox:5173"], &["http://devbox"]);
        origins(
            "https://.example.local",
            &["https://a.example.local"],
            &["http://a.example.local"],
        );
        origins(
            "vscode-webview://*",
            &["vscode-webview://1f2a3b", "vscode-webview://"],
            &[
                "http://1f2a3b",
                "vscode-webview://a/b",
                "vscode-webview://a?b",
            ],
        );
        origins(
            "http://[::1]:5173",
            &["http://[::1]:5173"],
            &["http://[::1]"],
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_what_to_write() {
        for host in [
            "",
            ".",
            "..",
            "a..",
            "a b",
            "http://devbox",
            "devbox/x",
            "*.example",
            "*",
            "devbox:",
            "devbox:x",
            "devbox:99999",
            "a..b",
            "user@devbox",
            "[::1",
            "b\u{fc}cher",
            "devbox:+1",
        ] {
            assert!(host.parse::<HostPattern>().is_err(), "{host}");
        }
        for origin in [
            "",
            "null",
            "*",
            "http://*",
            "https://*",
            "https://",
            "https://a/b",
            "example.com/x",
            "https://a?b",
            "https://a#b",
            "https://u@a",
            "://a",
            "1a://b",
            "https://*.example",
            "https://a b",
            "https:/a",
            "a,b",
        ] {
            assert!(origin.parse::<OriginPattern>().is_err(), "{origin}");
        }
        assert_eq!(
            "http://devbox"
                .parse::<HostPattern>()
                .unwrap_err()
                .to_string(),
            "`http://devbox` is not a host: write a name such as `devbox`, a suffix such as `.example.local`, or an IP address, \
             without a scheme or a path"
        );
    }

    #[test]
    fn origins_are_sources_of_a_policy() {
        let sources = |origin: &str| origin.parse::<OriginPattern>().unwrap().sources().join(" ");
        assert_eq!(sources("https://hub.example"), "https://hub.example");
        assert_eq!(
            sources(".example.local"),
            "http://example.local:* http://*.example.local:* https://example.local:* https://*.example.local:*"
        );
        assert_eq!(sources("vscode-webview://*"), "vscode-webview:");
        assert_eq!(
            sources("http://192.168.1.5:5173"),
            "http://192.168.1.5:5173"
        );
        assert_eq!(sources("http://[::1]:5173"), "");
    }
}

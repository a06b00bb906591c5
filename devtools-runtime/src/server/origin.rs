//! Which pages may connect (`protocol.md` 3.4), and under which names the server answers.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use url::{Host, Url};

/// Whether the page that sent this request may open a connection. Says so if not.
pub(crate) fn admits(headers: &HeaderMap, allowed: &[String]) -> bool {
    let origin = headers
        .get(ORIGIN)
        .map(|origin| origin.to_str().unwrap_or("null"));
    let admitted = is_allowed(origin, allowed);
    if !admitted {
        let origin = origin.unwrap_or_default();
        tracing::warn!("refused a page of {origin}: `.allow_origin(\"{origin}\")` would let it in");
    }
    admitted
}

/// Whether a page of this origin may open a connection.
///
/// Programs send no `Origin` and are let through; browsers always send one. The host is compared as a
/// browser understands it, after parsing: never by prefix.
fn is_allowed(origin: Option<&str>, allowed: &[String]) -> bool {
    let Some(origin) = origin.filter(|origin| !origin.is_empty()) else {
        return true;
    };
    if allowed.iter().any(|allowed| allowed == origin) {
        return true;
    }
    Url::parse(origin).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

/// Whether a request was meant for this server, going by the name it was sent to. Says so if not.
///
/// A page of a foreign name whose address was turned to this machine meanwhile (DNS rebinding) is of the
/// same origin as what it asks for, so that only the name gives it away.
pub(crate) fn is_meant_for_us(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(host) = headers.get(HOST) else {
        return true;
    };
    let host = host.to_str().unwrap_or_default();
    let meant = host_is_allowed(host, allowed);
    if !meant {
        tracing::warn!("refused a request to {host}: `.allow_host(\"{host}\")` would answer it");
    }
    meant
}

fn host_is_allowed(host: &str, allowed: &[String]) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else {
        return false;
    };
    let is_known = |name: &str| {
        allowed
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(name))
    };
    url.host().is_some_and(|host| is_loopback(&host)) || url.host_str().is_some_and(is_known)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{host_is_allowed, is_allowed};

    const VECTORS: &str = include_str!("../../../tests/vectors/discovery.json");

    #[test]
    fn only_names_of_this_machine_and_allowed_ones_are_answered() {
        let allowed = ["devbox.example".to_owned()];
        for host in [
            "localhost",
            "localhost:7812",
            "127.0.0.1:1",
            "[::1]:80",
            "a.localhost",
            "DevBox.example:9",
        ] {
            assert!(host_is_allowed(host, &allowed), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "192.168.1.5",
            "devbox.example.evil",
            "a b",
            "x@y z",
        ] {
            assert!(!host_is_allowed(host, &allowed), "{host}");
        }
    }

    #[test]
    fn origins_are_judged_as_by_the_javascript_server() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let rows = vectors["isAllowedOrigin"].as_array().unwrap();
        let allowed = ["https://ok.example".to_owned()];
        for row in rows {
            let verdict = is_allowed(row["origin"].as_str(), &allowed);
            assert_eq!(verdict, row["result"].as_bool().unwrap(), "{row}");
        }
        println!("discovery: {0} of {0} origins", rows.len());
        assert_eq!(rows.len(), 29);
    }
}

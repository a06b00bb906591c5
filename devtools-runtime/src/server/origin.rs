//! Which pages may connect (`protocol.md` 3.4), and under which names the server answers.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use url::{Host, Url};

/// How many refused names are remembered, so that each is told of once.
const REMEMBERED: usize = 64;

/// What was refused so far. The lock is held for a look at a small set.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashSet<String>>);

impl Refusals {
    /// Whether the page that sent this request may open a connection. Says once what would let it in, if not.
    pub(crate) fn admits(&self, headers: &HeaderMap, allowed: &[String]) -> bool {
        let origin = headers
            .get(ORIGIN)
            .map(|origin| origin.to_str().unwrap_or("null"));
        let admitted = is_allowed(origin, allowed);
        if !admitted {
            let origin = origin.unwrap_or_default();
            self.tell(origin, || {
                tracing::warn!(
                    "refused a page of {origin}: `.allow_origin(\"{origin}\")` would let it in"
                );
            });
        }
        admitted
    }

    /// Whether a request was meant for this server, going by the name it was sent to; `own` is the address that
    /// it came to. Says once what would answer it, if not.
    ///
    /// A page of a foreign name whose address was turned to this machine meanwhile (DNS rebinding) is of the
    /// same origin as what it asks for, so that only the name gives it away.
    pub(crate) fn is_meant_for_us(
        &self,
        headers: &HeaderMap,
        allowed: &[String],
        own: Option<IpAddr>,
    ) -> bool {
        let Some(host) = headers.get(HOST) else {
            return true;
        };
        let host = host.to_str().unwrap_or_default();
        let meant = host_is_allowed(host, allowed, own);
        if !meant {
            self.tell(host, || {
                tracing::warn!(
                    "refused a request to {host}: `.allow_host(\"{host}\")` would answer it"
                );
            });
        }
        meant
    }

    /// Tells of a name, unless it was told of before.
    fn tell(&self, name: &str, tell: impl FnOnce()) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.len() < REMEMBERED && told.insert(name.to_owned());
        drop(told);
        if is_new {
            tell();
        }
    }
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

fn host_is_allowed(host: &str, allowed: &[String], own: Option<IpAddr>) -> bool {
    let Ok(url) = Url::parse(&format!("http://{host}/")) else {
        return false;
    };
    let is_known = |name: &str| {
        allowed
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(name))
    };
    let is_own = |host: &Host<&str>| match host {
        Host::Domain(_) => false,
        Host::Ipv4(address) => own == Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => own == Some(IpAddr::V6(*address)),
    };
    url.host()
        .is_some_and(|host| is_loopback(&host) || is_own(&host))
        || url.host_str().is_some_and(is_known)
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

    use super::{Refusals, host_is_allowed, is_allowed};

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
            assert!(host_is_allowed(host, &allowed, None), "{host}");
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
            assert!(!host_is_allowed(host, &allowed, None), "{host}");
        }
    }

    #[test]
    fn a_server_is_addressed_by_its_own_address() {
        let own = Some("192.168.1.5".parse().unwrap());
        assert!(host_is_allowed("192.168.1.5:7812", &[], own));
        assert!(!host_is_allowed("192.168.1.6:7812", &[], own));
    }

    #[test]
    fn a_refusal_is_told_of_once() {
        let refusals = Refusals::default();
        let mut told = 0;
        for _ in 0..3 {
            refusals.tell("http://evil.example", || told += 1);
        }
        for number in 0..1000 {
            refusals.tell(&format!("http://{number}.example"), || told += 1);
        }
        assert_eq!(told, 64);
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

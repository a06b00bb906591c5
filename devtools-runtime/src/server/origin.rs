//! Which pages may connect (`protocol.md` 3.4).

use http::HeaderMap;
use http::header::ORIGIN;
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

    use super::is_allowed;

    const VECTORS: &str = include_str!("../../../tests/vectors/discovery.json");

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

//! The rules of one mount.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::ORIGIN;
use http::{HeaderValue, Request};
use url::Url;

use crate::host::{OriginPattern, Serving};
use crate::server::access::addresses::{Addresses, names};
use crate::server::access::host::{RequestHost, is_loopback};
use crate::server::access::pages::{self, LatestPages};
use crate::server::access::refusal::{Refusal, Refusals};

/// Decides which requests are answered and which pages may connect, at one mount.
#[derive(Debug)]
pub(crate) struct AccessRules {
    serving: Arc<Serving>,
    names: HostNames,
    refusals: Refusals,
    pages: LatestPages,
}

/// The names and addresses that requests may be sent to.
#[derive(Debug)]
enum HostNames {
    /// The service is mounted in an application, which is responsible for checking hosts. The names are those of this
    /// machine.
    Application(Vec<String>),
    /// This crate's own server answers to the names and addresses of this machine.
    OwnServer(Arc<Addresses>),
}

/// A request whose host was checked, with the page that sent it.
#[derive(Debug)]
pub(crate) struct Visit {
    host: Option<RequestHost>,
    origin: Option<HeaderValue>,
    /// Whether the page may connect. Programs always may.
    is_admitted: bool,
}

impl AccessRules {
    /// Creates the rules for a service that an application has mounted.
    pub(crate) fn mounted(serving: Arc<Serving>) -> Self {
        Self::new(serving, HostNames::Application(names()))
    }

    /// Creates the rules for this crate's own server.
    pub(crate) fn standalone(serving: Arc<Serving>, addresses: Arc<Addresses>) -> Self {
        Self::new(serving, HostNames::OwnServer(addresses))
    }

    fn new(serving: Arc<Serving>, names: HostNames) -> Self {
        Self {
            serving,
            names,
            refusals: Refusals::default(),
            pages: LatestPages::default(),
        }
    }

    /// Returns the context that is served.
    pub(crate) fn serving(&self) -> &Arc<Serving> {
        &self.serving
    }

    /// Checks a request. `reached` is the local address that its connection came to, if it is known.
    pub(crate) fn visit<B>(
        &self,
        request: &Request<B>,
        reached: Option<IpAddr>,
    ) -> Result<Visit, Refusal> {
        let host = RequestHost::of(request).map_err(Refusal::malformed)?;
        let mut origins = request.headers().get_all(ORIGIN).iter();
        let origin = origins.next().filter(|origin| !origin.is_empty()).cloned();
        if origins.next().is_some() {
            return Err(Refusal::malformed("the request has two `Origin` headers\n"));
        }
        if let (Some(host), HostNames::OwnServer(addresses)) = (&host, &self.names) {
            if !self.answers(host, reached) {
                return Err(self.refusals.host(&host.name(), addresses));
            }
        }
        let is_admitted = match &origin {
            None => true,
            Some(origin) => {
                let origin = origin.to_str().unwrap_or("null");
                self.admits(origin)
                    || host.as_ref().is_some_and(|host| {
                        host.is_of_origin(origin) && self.answers(host, reached)
                    })
            }
        };
        Ok(Visit {
            host,
            origin,
            is_admitted,
        })
    }

    /// Returns whether requests to a host are answered.
    ///
    /// This protects against DNS rebinding: an attacker loads a page under a name and then points that name to this machine.
    /// The page then has the same origin as the server, and only the foreign name shows the attack. An address cannot be
    /// rebound, so an application's pages under an address are its own.
    fn answers(&self, host: &RequestHost, reached: Option<IpAddr>) -> bool {
        let name = host.name();
        let is_own = match (&self.names, host.address()) {
            (HostNames::Application(names), None) => names.contains(&name),
            (HostNames::Application(_), Some(_)) => true,
            (HostNames::OwnServer(addresses), None) => addresses.has_name(&name),
            (HostNames::OwnServer(addresses), Some(address)) => {
                reached.map(|ip| ip.to_canonical()) == Some(address)
                    || addresses.has_address(address)
            }
        };
        let allowed = &self.serving.settings.allowed_hosts;
        host.is_loopback() || is_own || allowed.iter().any(|pattern| pattern.matches(&name))
    }

    /// Returns whether pages of an origin may connect to this server under any host.
    fn admits(&self, origin: &str) -> bool {
        is_allowed(origin, &self.serving.settings.allowed_origins)
    }

    /// Returns the refusal of a page that may not connect.
    pub(crate) fn refuse(&self, visit: &Visit) -> Refusal {
        let origin = visit.origin.as_ref();
        let origin = origin.and_then(|origin| origin.to_str().ok());
        self.refusals.origin(origin.unwrap_or("null"))
    }

    /// Remembers the page that requests the metadata. Such a page has a client, which can use a one-time code.
    pub(crate) fn remember_page<B>(&self, request: &Request<B>, visit: &Visit) {
        let Some((origin, page)) = pages::of(request.headers()) else {
            return;
        };
        if visit.is_admitted && (visit.is_of_origin(&origin) || self.admits(&origin)) {
            self.pages.remember(origin, page);
        }
    }

    /// Returns the address of a page that can use a one-time code of the session that `request` opens: the page that requested the
    /// metadata, or else the start page of the mount. `mount` is the path of the mount, if it is known.
    pub(crate) fn sign_in_page<B>(
        &self,
        request: &Request<B>,
        visit: &Visit,
        mount: Option<&str>,
    ) -> Option<String> {
        if !visit.is_admitted {
            return None;
        }
        let Some(origin) = &visit.origin else {
            // Browsers leave the origin out when a page reads an event stream of its own server.
            let (origin, page) = pages::of(request.headers())?;
            return visit.is_of_origin(&origin).then_some(page);
        };
        let origin = origin.to_str().ok()?;
        if !origin.starts_with("http://") && !origin.starts_with("https://") {
            return None;
        }
        let remembered = self.pages.of_origin(origin);
        remembered.or_else(|| {
            let path = if visit.is_of_origin(origin) {
                mount?
            } else {
                "/"
            };
            Some(format!("{origin}{path}"))
        })
    }
}

impl Visit {
    /// Returns whether the request was sent to the host of this origin.
    fn is_of_origin(&self, origin: &str) -> bool {
        let host = self.host.as_ref();
        host.is_some_and(|host| host.is_of_origin(origin))
    }

    /// Returns whether the page that sent the request may connect. Programs always may.
    pub(crate) fn is_admitted(&self) -> bool {
        self.is_admitted
    }

    /// Returns the origin that may read the response, if the request comes from a page that may connect.
    pub(crate) fn reader(&self) -> Option<&HeaderValue> {
        self.origin.as_ref().filter(|_| self.is_admitted)
    }
}

/// Returns whether an origin matches a pattern or is this machine. The host is parsed as browsers parse it before it is
/// compared, and never compared by prefix.
fn is_allowed(origin: &str, allowed: &[OriginPattern]) -> bool {
    allowed.iter().any(|pattern| pattern.matches(origin))
        || Url::parse(origin).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::is_allowed;

    const VECTORS: &str = include_str!("../../../../tests/vectors/discovery.json");

    #[test]
    fn origins_are_judged_as_by_the_javascript_server() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let rows = vectors["isAllowedOrigin"].as_array().unwrap();
        let allowed = ["https://ok.example".parse().unwrap()];
        for row in rows {
            // Without an origin there is nothing to judge.
            let origin = row["origin"].as_str().filter(|origin| !origin.is_empty());
            let verdict = origin.is_none_or(|origin| is_allowed(origin, &allowed));
            assert_eq!(verdict, row["result"].as_bool().unwrap(), "{row}");
        }
        println!("discovery: {0} of {0} origins", rows.len());
        assert_eq!(rows.len(), 29);
    }
}

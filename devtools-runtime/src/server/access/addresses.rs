//! The addresses at which a server is reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;

use crate::host::in_url;

/// How long the look-up of this machine's name may take. After that, the server starts without listing the name.
const LOOK_UP: Duration = Duration::from_millis(500);

/// The addresses at which a server is reached, found when it is bound. They decide which addresses are printed and which
/// hosts are answered.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    scheme: &'static str,
    bound: SocketAddr,
    /// The hosts of the printed addresses. The list is not empty, and its first host is for use on this machine.
    shown: Vec<String>,
    /// The names of this machine, in lower case. The list is empty if only this machine can reach the server.
    names: Vec<String>,
    reached: Vec<IpAddr>,
}

impl Addresses {
    /// Finds the addresses of a listener, whose URLs have this scheme.
    pub(crate) async fn of(listener: &TcpListener, scheme: &'static str) -> std::io::Result<Self> {
        let bound = listener.local_addr()?;
        let ip = bound.ip();
        if !ip.is_unspecified() {
            return Ok(Self {
                scheme,
                bound,
                shown: vec![in_url(ip)],
                names: if ip.is_loopback() {
                    Vec::new()
                } else {
                    names()
                },
                reached: vec![ip.to_canonical()],
            });
        }
        let takes_v4 = ip.is_ipv4() || takes_v4_too(listener);
        let mut addresses = addresses_of_interfaces();
        addresses.retain(|address| {
            if address.is_ipv4() {
                takes_v4
            } else {
                ip.is_ipv6()
            }
        });
        let mut shown = vec!["localhost".to_owned()];
        shown.extend(
            addresses
                .iter()
                .filter(|address| is_shown(address))
                .copied()
                .map(in_url),
        );
        let names = names();
        if let Some(name) = names.first() {
            if leads_here(name, bound.port(), &addresses).await {
                shown.push(name.clone());
            }
        }
        addresses.push(ip);
        if takes_v4 {
            addresses.push(Ipv4Addr::UNSPECIFIED.into());
        }
        Ok(Self {
            scheme,
            bound,
            shown,
            names,
            reached: addresses,
        })
    }

    /// Returns the address that the server listens on.
    pub(crate) fn bound(&self) -> SocketAddr {
        self.bound
    }

    /// Returns the origins of the printed addresses, such as `http://localhost:7812`.
    pub(crate) fn origins(&self) -> impl Iterator<Item = String> {
        let (scheme, port) = (self.scheme, self.bound.port());
        self.shown
            .iter()
            .map(move |host| format!("{scheme}://{host}:{port}"))
    }

    /// Returns whether a name is a name of this machine.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Returns whether the server is reached at an address.
    pub(crate) fn has_address(&self, address: IpAddr) -> bool {
        self.reached.contains(&address)
    }

    /// Returns the hosts of the printed addresses, for the text of a refusal.
    pub(crate) fn shown(&self) -> &[String] {
        &self.shown
    }
}

/// Returns the names of this machine: its host name, and that name with `.local`, under which its network finds it.
pub(crate) fn names() -> Vec<String> {
    let Some(name) = name_of_this_machine() else {
        return Vec::new();
    };
    let name = name.to_ascii_lowercase();
    if name.is_empty()
        || name.ends_with("localhost")
        || name.contains(|letter: char| !is_of_name(letter))
    {
        return Vec::new();
    }
    let in_network = (!name.contains('.')).then(|| format!("{name}.local"));
    [name].into_iter().chain(in_network).collect()
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

#[cfg(unix)]
fn name_of_this_machine() -> Option<String> {
    rustix::system::uname()
        .nodename()
        .to_str()
        .ok()
        .map(str::to_owned)
}

#[cfg(not(unix))]
fn name_of_this_machine() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

fn addresses_of_interfaces() -> Vec<IpAddr> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            tracing::warn!(%error, "could not list the addresses of this machine: only `localhost` and its name are answered");
            Vec::new()
        }
    }
}

/// Returns whether other machines can use an interface's address in a URL. A link-local IPv6 address needs the name of an
/// interface, which a URL cannot contain.
fn is_shown(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    }
}

/// Returns whether a listener of all IPv6 addresses takes connections over IPv4 as well.
fn takes_v4_too(listener: &TcpListener) -> bool {
    socket2::SockRef::from(listener)
        .only_v6()
        .is_ok_and(|only_v6| !only_v6)
}

/// Returns whether a look-up of the name leads to this machine. A machine may have a name that cannot be looked up.
async fn leads_here(name: &str, port: u16, addresses: &[IpAddr]) -> bool {
    let found = tokio::time::timeout(LOOK_UP, tokio::net::lookup_host((name, port))).await;
    let is_here = |ip: IpAddr| ip.is_loopback() || addresses.contains(&ip);
    found.is_ok_and(|found| found.is_ok_and(|mut found| found.any(|found| is_here(found.ip()))))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::Addresses;

    async fn bound(address: &str) -> Addresses {
        let listener = TcpListener::bind(address).await.unwrap();
        Addresses::of(&listener, "http").await.unwrap()
    }

    #[tokio::test]
    async fn one_address_is_shown_as_it_is() {
        let addresses = bound("127.0.0.1:0").await;
        let port = addresses.bound().port();
        let origins: Vec<_> = addresses.origins().collect();
        assert_eq!(origins, [format!("http://127.0.0.1:{port}")]);
        assert!(addresses.has_address("127.0.0.1".parse().unwrap()));
        assert!(!addresses.has_address("0.0.0.0".parse().unwrap()));
    }

    #[tokio::test]
    async fn every_address_that_is_shown_can_be_opened() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let addresses = Addresses::of(&listener, "http").await.unwrap();
        println!("addresses: {}", addresses.shown().join(", "));
        assert_eq!(addresses.shown()[0], "localhost");
        for origin in addresses.origins() {
            let authority = origin.strip_prefix("http://").unwrap();
            tokio::net::TcpStream::connect(authority).await.unwrap();
        }
        assert!(addresses.has_address("0.0.0.0".parse().unwrap()));
    }

    #[tokio::test]
    async fn all_addresses_of_ipv6_are_those_of_ipv4_too() {
        let Ok(listener) = TcpListener::bind("[::]:0").await else {
            return; // a machine without IPv6
        };
        let takes_v4 = super::takes_v4_too(&listener);
        let addresses = Addresses::of(&listener, "http").await.unwrap();
        assert!(addresses.has_address("::".parse().unwrap()));
        assert_eq!(addresses.has_address("0.0.0.0".parse().unwrap()), takes_v4);
    }
}

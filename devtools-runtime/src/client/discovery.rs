//! The connection metadata, and the addresses of the endpoints in it ([protocol 3.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#32-the-metadata) and [protocol 3.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#33-finding-the-endpoint)).

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

/// The fields of the connection metadata that a client reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectionMeta {
    #[serde(default)]
    pub(crate) backend: Backend,
    pub(crate) websocket: Option<TransportEndpoint>,
    pub(crate) sse: Option<TransportEndpoint>,
    pub(crate) base_url: Option<String>,
    /// The largest frame that the server accepts, in bytes.
    pub(crate) frame_bytes: Option<usize>,
}

/// The server's primary transport.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Backend {
    WebSocket,
    Sse,
    Static,
    #[default]
    #[serde(other)]
    None,
}

/// The endpoint of a transport, in any of its forms.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, remote = "Self")]
pub(crate) enum TransportEndpoint {
    Port(u16),
    Address(String),
    Parts {
        path: Option<String>,
        port: Option<u16>,
        host: Option<String>,
    },
}

impl<'de> Deserialize<'de> for TransportEndpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The value is read as JSON first, because an untagged enum cannot read the numbers of `serde_json` when the program
        // enables its feature `arbitrary_precision`.
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::deserialize(value).map_err(D::Error::custom)
    }
}

/// Returns the URL of the metadata of a mount.
pub(crate) fn metadata_url(url: &str) -> Result<Url, url::ParseError> {
    let mut url = Url::parse(url)?;
    url.set_fragment(None);
    if url.path().ends_with("/__connection.json") {
        return Ok(url);
    }
    if !url.path().ends_with('/') {
        let slashed = format!("{}/", url.path());
        url.set_path(&slashed);
    }
    url.join("__connection.json")
}

/// Returns the WebSocket URL of an endpoint. `base` is the URL of the metadata.
pub(crate) fn websocket_url(
    endpoint: Option<&TransportEndpoint>,
    base: &Url,
) -> Result<String, url::ParseError> {
    let scheme = if base.scheme() == "https" {
        "wss"
    } else {
        "ws"
    };
    // `Url` refuses to change `http` to `ws`, so the scheme is replaced in the text.
    let swapped = |url: &Url| {
        let text = url.as_str();
        format!("{scheme}{}", &text[url.scheme().len()..])
    };
    match endpoint {
        None => Ok(swapped(base)),
        Some(TransportEndpoint::Port(port)) => {
            let hostname = base.host_str().unwrap_or_default();
            Ok(format!("{scheme}://{hostname}:{port}"))
        }
        Some(TransportEndpoint::Address(address)) => {
            let lower = address.to_ascii_lowercase();
            if lower.starts_with("ws://") || lower.starts_with("wss://") {
                return Ok(address.clone());
            }
            if let Some(rest) = lower.strip_prefix("http://") {
                return Ok(format!("ws://{}", &address[address.len() - rest.len()..]));
            }
            if let Some(rest) = lower.strip_prefix("https://") {
                return Ok(format!("wss://{}", &address[address.len() - rest.len()..]));
            }
            Ok(swapped(&base.join(address)?))
        }
        Some(TransportEndpoint::Parts { path, port, host }) => {
            let path = path.as_deref().unwrap_or_default();
            match authority(host.as_deref(), *port, base) {
                Some(authority) => Ok(Url::parse(&format!("{scheme}://{authority}/"))?
                    .join(path)?
                    .into()),
                None => Ok(swapped(&base.join(path)?)),
            }
        }
    }
}

/// Returns the URL of the event stream of an endpoint. `base` is the URL of the metadata.
pub(crate) fn sse_url(
    endpoint: Option<&TransportEndpoint>,
    base: &Url,
) -> Result<String, url::ParseError> {
    let url = match endpoint {
        // A port alone has no path, so the address of the metadata is used, as the JavaScript client does.
        None | Some(TransportEndpoint::Port(_)) => base.clone(),
        Some(TransportEndpoint::Address(address)) => {
            let lower = address.to_ascii_lowercase();
            if lower.starts_with("http://") || lower.starts_with("https://") {
                return Ok(address.clone());
            }
            base.join(address)?
        }
        Some(TransportEndpoint::Parts { path, port, host }) => {
            let path = path.as_deref().unwrap_or_default();
            match authority(host.as_deref(), *port, base) {
                Some(authority) => {
                    Url::parse(&format!("{}://{authority}/", base.scheme()))?.join(path)?
                }
                None => base.join(path)?,
            }
        }
    };
    Ok(url.into())
}

/// Returns the host and port of an endpoint, if it names any.
fn authority(host: Option<&str>, port: Option<u16>, base: &Url) -> Option<String> {
    match (host, port) {
        (Some(host), _) => Some(host.to_owned()),
        (None, Some(port)) => {
            let hostname = base.host_str().unwrap_or_default();
            Some(format!("{hostname}:{port}"))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use url::Url;

    use super::{TransportEndpoint, metadata_url, sse_url, websocket_url};

    const VECTORS: &str = include_str!("../../../tests/vectors/discovery.json");

    #[test]
    fn websocket_urls_are_those_of_the_javascript_client() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let rows = vectors["resolveWsUrl"].as_array().unwrap();
        let mut passed = 0;
        for row in rows {
            let page = Url::parse(row["location"].as_str().unwrap()).unwrap();
            let base = page.join(row["metaBaseUrl"].as_str().unwrap()).unwrap();
            let endpoint: Option<TransportEndpoint> =
                serde_json::from_value(row["websocket"].clone()).unwrap();
            let url = websocket_url(endpoint.as_ref(), &base).unwrap();
            assert_eq!(url, row["result"].as_str().unwrap(), "{row}");
            passed += 1;
        }
        println!("discovery: {passed} of {} WebSocket URLs", rows.len());
        assert_eq!(passed, 115);
    }

    #[test]
    fn sse_urls_are_those_of_the_javascript_client() {
        let vectors: Value = serde_json::from_str(VECTORS).unwrap();
        let rows = vectors["resolveSseUrl"].as_array().unwrap();
        let mut passed = 0;
        for row in rows {
            let page = Url::parse(row["location"].as_str().unwrap()).unwrap();
            let base = page.join(row["metaBaseUrl"].as_str().unwrap()).unwrap();
            let endpoint: Option<TransportEndpoint> =
                serde_json::from_value(row["sse"].clone()).unwrap();
            let url = sse_url(endpoint.as_ref(), &base).unwrap();
            assert_eq!(url, row["result"].as_str().unwrap(), "{row}");
            passed += 1;
        }
        println!("discovery: {passed} of {} SSE URLs", rows.len());
        assert_eq!(passed, 55);
    }

    #[test]
    fn the_metadata_lies_in_the_mount() {
        for (url, metadata) in [
            (
                "http://h/__devtools/",
                "http://h/__devtools/__connection.json",
            ),
            (
                "http://h/__devtools",
                "http://h/__devtools/__connection.json",
            ),
            ("http://h", "http://h/__connection.json"),
            (
                "http://h/x/__connection.json",
                "http://h/x/__connection.json",
            ),
            ("http://h/x/#code", "http://h/x/__connection.json"),
        ] {
            assert_eq!(metadata_url(url).unwrap().as_str(), metadata);
        }
    }
}

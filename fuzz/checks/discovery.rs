//! Where a server says that it is.

use std::str::from_utf8;

use url::Url;

use super::Verdict;
use crate::client::{ConnectionMeta, metadata_url, sse_url, websocket_url};

/// The address of a server, a line break, and its connection metadata.
///
/// # Panics
///
/// If the metadata is looked for on another server than the one that was named, or the address of a
/// WebSocket is of another scheme.
pub fn discovery(input: &[u8]) -> Verdict {
    let lines = from_utf8(input).ok().and_then(|text| text.split_once('\n'));
    let Some((address, document)) = lines else {
        return Verdict::Refused;
    };
    let (Ok(asked), Ok(base)) = (Url::parse(address), metadata_url(address)) else {
        return Verdict::Refused;
    };
    assert_eq!(base.scheme(), asked.scheme());
    assert_eq!(base.authority(), asked.authority());
    assert_eq!(base.fragment(), None);
    assert!(base.path().ends_with("/__connection.json"), "{base}");
    assert_eq!(metadata_url(base.as_str()).as_ref(), Ok(&base));

    let Ok(metadata) = serde_json::from_str::<ConnectionMeta>(document) else {
        return Verdict::Refused;
    };
    let websocket = websocket_url(metadata.websocket.as_ref(), &base);
    let sse = sse_url(metadata.sse.as_ref(), &base);
    if let Ok(address) = &websocket {
        let is_websocket = |url: Url| matches!(url.scheme(), "ws" | "wss");
        assert!(Url::parse(address).map_or(true, is_websocket), "{address}");
    }
    for address in [websocket, sse].into_iter().flatten() {
        // Escapes take three bytes in place of one, and of what is no ASCII a host may take more.
        assert!(address.len() <= 16 * input.len() + 64, "{address}");
    }
    Verdict::Read
}

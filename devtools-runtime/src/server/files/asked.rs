//! The part of a request that decides which file is sent.

use http::{HeaderMap, Method, Request};
use percent_encoding::percent_decode_str;

/// The parts of a request that decide which file is sent.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    /// The decoded path within the tree.
    pub(super) path: String,
}

impl Asked {
    /// Copies the parts from a request. Returns `None` if the path is not valid UTF-8 or not valid percent-encoding.
    pub(super) fn new<B>(request: &Request<B>, path: &str) -> Option<Self> {
        if !is_well_encoded(path) {
            return None;
        }
        Some(Self {
            method: request.method().clone(),
            headers: request.headers().clone(),
            path: percent_decode_str(path).decode_utf8().ok()?.into_owned(),
        })
    }
}

/// Returns whether each percent sign is followed by two hex digits.
fn is_well_encoded(path: &str) -> bool {
    let mut parts = path.split('%');
    parts.next();
    parts.all(|part| {
        let digits = part.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

//! The id that connects a reply to its request.

use std::fmt;

use compact_str::{CompactString, ToCompactString as _};
use serde::{Serialize, Serializer};

use crate::wire::literal::push_quoted;

/// The id of a request, which its reply repeats exactly.
///
/// Ids are opaque ([protocol 1.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#13-ids)). JavaScript peers send 21 letters, which are stored inline, but numbers and `true`
/// are allowed too. An id that is falsy in JavaScript counts as absent and never becomes a `RequestId`. Objects and
/// arrays are refused, although the JavaScript server repeats them: a few bytes of structured clone can stand for an
/// object of any size, and ids are read before the peer is trusted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RequestId(Id);

/// The only id that is neither a text nor a number.
const TRUE: &str = "true";

#[derive(Clone, PartialEq, Eq, Hash)]
enum Id {
    Text(CompactString),
    /// A number or `true`, as JSON text.
    Json(Box<str>),
}

impl RequestId {
    /// Creates an id from a string. Returns `None` for the empty string, which counts as absent.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(Id::Text(CompactString::new(text))))
    }

    /// Creates an id from a number or `true`, given as JSON text.
    ///
    /// # Errors
    ///
    /// If Rust cannot represent the number, so that it could not be repeated.
    pub(crate) fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        if json != TRUE {
            serde_json::from_str::<f64>(json)?;
        }
        Ok(Self(Id::Json(json.into())))
    }

    /// Appends the id as JSON.
    pub(super) fn push_json(&self, text: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match &self.0 {
            Id::Text(id) => {
                push_quoted(text, id);
                Ok(())
            }
            Id::Json(_) => serde_json::to_writer(text, self),
        }
    }

    /// Returns the bytes of the id as text.
    #[cfg(feature = "recording")]
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Id::Text(text) => text.len(),
            Id::Json(json) => json.len(),
        }
    }

    /// Returns the number in an id that the counter of this peer has made. `None` for other ids.
    pub(crate) fn counter(&self) -> Option<u64> {
        match &self.0 {
            Id::Text(text) => text.parse().ok(),
            Id::Json(_) => None,
        }
    }
}

impl From<u64> for RequestId {
    fn from(counter: u64) -> Self {
        Self(Id::Text(counter.to_compact_string()))
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Id::Text(text) => serializer.serialize_str(text),
            // A number of `serde_json` would serialize as a map with the feature `arbitrary_precision`, so it is
            // parsed as a primitive here.
            Id::Json(json) => match (json.parse::<u64>(), json.parse::<i64>()) {
                _ if &**json == TRUE => serializer.serialize_bool(true),
                (Ok(number), _) => serializer.serialize_u64(number),
                (_, Ok(number)) => serializer.serialize_i64(number),
                _ => {
                    let number: f64 = json.parse().map_err(serde::ser::Error::custom)?;
                    serializer.serialize_f64(number)
                }
            },
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Id::Text(text) => text,
            Id::Json(json) => json,
        })
    }
}

crate::debug_impl! { RequestId as it => "{it}" }

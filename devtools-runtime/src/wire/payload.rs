//! The values of an envelope. They stay undecoded until code that knows their type reads them.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::wire::js;
use crate::wire::json;
use crate::wire::read_error::ReadError;
use crate::wire::structured_clone::{DecodeError, Document, MAX_DEPTH, Node, OwnedNode};

/// `undefined` as structured-clone text.
const UNDEFINED: &str = "[[-1]]";

/// A value inside an envelope that is not decoded yet.
#[derive(Clone, Copy)]
pub(crate) enum Payload<'f> {
    /// Missing, or `undefined`.
    Absent,
    /// JSON text.
    Json(&'f str),
    /// A record of structured-clone text.
    Clone(Node<'f>),
}

/// A value inside an envelope that outlives its frame.
#[derive(Debug)]
pub(crate) enum OwnedPayload {
    /// Missing, or `undefined`.
    Absent,
    /// JSON text.
    Json(String),
    /// A record of structured-clone text, with a copy of the text.
    Clone(OwnedNode),
}

impl<'f> Payload<'f> {
    /// Decodes the result of a call. An absent result is `undefined`, and `null` for types that know no `undefined`.
    pub(crate) fn read_result<T: DeserializeOwned>(self) -> Result<T, ReadError> {
        if let Self::Absent = self {
            let undefined = Document::parse(UNDEFINED)?;
            if let Ok(value) = undefined.root().read() {
                return Ok(value);
            }
        }
        self.read()
    }

    /// Decodes the value by the rules of the codec that it came in.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, ReadError> {
        Ok(match self {
            Self::Absent => serde_json::from_str("null")?,
            Self::Json(text) => json::read(text)?,
            Self::Clone(node) => node.with_levels(MAX_DEPTH).read()?,
        })
    }

    /// Copies the value. In structured clone, copies the whole text around it.
    pub(crate) fn to_owned(self) -> OwnedPayload {
        match self {
            Self::Absent => OwnedPayload::Absent,
            Self::Json(text) => OwnedPayload::Json(text.to_owned()),
            Self::Clone(node) => OwnedPayload::Clone(node.to_owned()),
        }
    }

    /// Allows reading as much as from a trusted peer. This applies to the whole frame.
    pub(crate) fn trust(self) {
        if let Self::Clone(node) = self {
            node.trust();
        }
    }

    /// Returns the value as JSON text. Types that only structured clone has are converted to JSON.
    pub(crate) fn to_json(self) -> Result<Cow<'f, str>, ReadError> {
        Ok(match self {
            Self::Absent => Cow::Borrowed("null"),
            Self::Json(text) => Cow::Borrowed(text),
            Self::Clone(node) => {
                Cow::Owned(json::write(&node.read::<js::Value>()?, MAX_DEPTH + 1)?)
            }
        })
    }

    /// Returns the undecoded elements of an array. Empty for an absent value.
    pub(crate) fn elements(self) -> Result<Vec<Self>, ReadError> {
        Ok(match self {
            nothing if nothing.is_nothing() => Vec::new(),
            Self::Absent => Vec::new(),
            Self::Json(text) => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                elements.into_iter().map(Self::from).collect()
            }
            Self::Clone(node) => node.elements()?.into_iter().map(Self::from).collect(),
        })
    }

    /// Returns the length of the value's text in bytes. In structured clone, where values share records, it is the
    /// length of the whole frame.
    pub(crate) fn len(self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Json(text) => text.len(),
            Self::Clone(node) => node.text_len(),
        }
    }

    /// Returns `true` if the value is missing, `undefined` or `null`.
    pub(crate) fn is_nothing(self) -> bool {
        match self {
            Self::Absent => true,
            Self::Json(text) => text == "null",
            Self::Clone(node) => node.is_null() || node.is_undefined(),
        }
    }
}

impl<'f> From<&'f RawValue> for Payload<'f> {
    fn from(value: &'f RawValue) -> Self {
        Self::Json(value.get())
    }
}

impl<'f> From<Node<'f>> for Payload<'f> {
    fn from(node: Node<'f>) -> Self {
        if node.is_undefined() {
            Self::Absent
        } else {
            // The value may be the array of arguments, each of which may be nested as deep as any other value.
            Self::Clone(node.with_levels(MAX_DEPTH + 1))
        }
    }
}

impl OwnedPayload {
    /// Calls `read` with the value.
    ///
    /// # Errors
    ///
    /// If the text around the value cannot be split into records. It always can, because it was split before.
    pub(crate) fn with<T>(&self, read: impl FnOnce(Payload<'_>) -> T) -> Result<T, DecodeError> {
        match self {
            Self::Absent => Ok(read(Payload::Absent)),
            Self::Json(text) => Ok(read(Payload::Json(text))),
            Self::Clone(node) => node.with(|node| read(Payload::Clone(node))),
        }
    }
}

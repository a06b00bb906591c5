//! Reads an envelope once, and borrows from the frame.
//!
//! [`FrameText::open`] splits a frame for its codec. [`FrameText::envelope`] then borrows the fields. Arguments and
//! results stay undecoded [`Payload`]s until somebody who knows their type reads them. Unknown keys are skipped. If a
//! key is repeated, the last one is used.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::js;
use crate::wire::json::{self, JsonError};
use crate::wire::plain::PlainFrame;
use crate::wire::request_id::RequestId;
use crate::wire::structured_clone::{DecodeError, Document, MAX_DEPTH, Node, OwnedNode, unescape};
use crate::wire::surrogates::has_lone_surrogate;

/// A frame whose outermost layer is well formed in its codec.
pub(crate) enum FrameText<'a> {
    Plain(PlainFrame<'a>),
    Json(EnvelopeFields<&'a RawValue>),
    Clone(Document<'a>),
}

/// A message ([protocol 1.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#11-request) and [protocol 1.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#12-response)).
pub(crate) enum Envelope<'f> {
    Request(Request<'f>),
    Response(Response<'f>),
}

/// A call or an event from the other peer.
pub(crate) struct Request<'f> {
    pub(crate) method: Cow<'f, str>,
    pub(crate) arguments: Payload<'f>,
    /// Whether a missing function is answered with `undefined`.
    pub(crate) optional: bool,
    /// The id of a call. `None` for an event, which gets no reply.
    pub(crate) id: Option<RequestId>,
    /// The `traceparent` of the caller, if it sent one.
    pub(crate) parent: Option<Cow<'f, str>>,
}

/// The reply to a call of this peer.
pub(crate) struct Response<'f> {
    pub(crate) id: Option<RequestId>,
    pub(crate) result: Result<Payload<'f>, Payload<'f>>,
}

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

/// The reason why a frame was dropped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("not a JSON envelope: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Value(#[from] JsonError),
    #[error("not a structured-clone envelope: {0}")]
    Clone(#[from] DecodeError),
    #[error("an id that cannot be echoed: {0}")]
    Id(#[source] serde_json::Error),
    #[error("an id that is neither text nor a number")]
    IdType,
    #[error("an id that is not well-formed text, so that it cannot be echoed")]
    IdSurrogate,
}

impl<'a> FrameText<'a> {
    /// Splits `text` by its codec.
    ///
    /// The sender is untrusted until [`Payload::trust`] is called. Until then, reading may cost only a small multiple
    /// of the text's length.
    pub(crate) fn open(text: &'a str) -> Result<Self, ReadError> {
        if let Some(frame) = PlainFrame::read(text) {
            return Ok(Self::Plain(frame));
        }
        Ok(match text.strip_prefix("s:") {
            Some(records) => Self::Clone(Document::parse_untrusted(records)?),
            None => Self::Json(serde_json::from_str(text)?),
        })
    }

    /// Reads the envelope's fields.
    pub(crate) fn envelope(&self) -> Result<Envelope<'_>, ReadError> {
        Ok(match self {
            Self::Plain(frame) => Envelope::of_plain(frame),
            Self::Json(fields) => assemble(fields)?,
            Self::Clone(document) => {
                let mut fields = EnvelopeFields::default();
                document
                    .root()
                    .for_each_entry(|key, node| fields.put(key, node))?;
                assemble(&fields)?
            }
        })
    }

    /// Returns the cost of reading beyond the length of the frame: the bytes of the records that were visited. It is
    /// 0 for plain JSON, which has no shared records.
    pub(crate) fn steps(&self) -> usize {
        match self {
            Self::Plain(_) | Self::Json(_) => 0,
            Self::Clone(document) => document.steps(),
        }
    }
}

impl<'f> Envelope<'f> {
    fn of_plain(frame: &PlainFrame<'f>) -> Self {
        let payload = |value: Option<&'f str>| value.map_or(Payload::Absent, Payload::Json);
        let id = frame.id.and_then(RequestId::from_text);
        if !frame.is_request {
            return Self::Response(Response {
                id,
                result: Ok(payload(frame.result)),
            });
        }
        Self::Request(Request {
            method: Cow::Borrowed(frame.method.unwrap_or(NAMELESS)),
            arguments: payload(frame.arguments),
            optional: frame.optional,
            id,
            parent: None,
        })
    }
}

/// `undefined` as structured-clone text.
const UNDEFINED: &str = "[[-1]]";

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
                elements.into_iter().map(EnvelopeField::payload).collect()
            }
            Self::Clone(node) => node
                .elements()?
                .into_iter()
                .map(EnvelopeField::payload)
                .collect(),
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

/// The key of a caller's trace context, as W3C Trace Context calls it.
pub(super) const TRACEPARENT: &str = "traceparent";

/// The undecoded fields of an envelope.
pub(crate) struct EnvelopeFields<F> {
    m: Option<F>,
    a: Option<F>,
    t: Option<F>,
    o: Option<F>,
    i: Option<F>,
    r: Option<F>,
    e: Option<F>,
    traceparent: Option<F>,
}

impl<F> Default for EnvelopeFields<F> {
    fn default() -> Self {
        Self {
            m: None,
            a: None,
            t: None,
            o: None,
            i: None,
            r: None,
            e: None,
            traceparent: None,
        }
    }
}

impl<F> EnvelopeFields<F> {
    fn slot(&mut self, key: &str) -> Option<&mut Option<F>> {
        Some(match key {
            "m" => &mut self.m,
            "a" => &mut self.a,
            "t" => &mut self.t,
            "o" => &mut self.o,
            "i" => &mut self.i,
            "r" => &mut self.r,
            "e" => &mut self.e,
            TRACEPARENT => &mut self.traceparent,
            _ => return None,
        })
    }

    fn put(&mut self, key: &str, field: F) {
        if let Some(slot) = self.slot(key) {
            *slot = Some(field);
        }
    }
}

/// A field of an envelope, in either codec.
trait EnvelopeField<'f>: Copy {
    /// Returns the text of a string as it is written, with quotes.
    fn quoted(self) -> Option<&'f str>;
    fn is_truthy(self) -> bool;
    /// Returns the text of a number, a boolean, `null` or `undefined`. `None` for other values, which are not read.
    fn scalar(self) -> Option<&'f str>;
    fn payload(self) -> Payload<'f>;
}

/// The name that JavaScript looks up if there is none.
const NAMELESS: &str = "undefined";

/// The name that JavaScript looks up if the name is an object. No function can have it.
const NAME_OF_OBJECTS: &str = "[object Object]";

fn assemble<'f, F: EnvelopeField<'f>>(
    fields: &EnvelopeFields<F>,
) -> Result<Envelope<'f>, ReadError> {
    let id = match fields.i {
        Some(id) if id.is_truthy() => match id.quoted() {
            Some(text) if has_lone_surrogate(text) => return Err(ReadError::IdSurrogate),
            Some(text) => RequestId::from_text(&unescape(text)),
            None => {
                let scalar = id.scalar().ok_or(ReadError::IdType)?;
                Some(RequestId::from_json(scalar).map_err(ReadError::Id)?)
            }
        },
        _ => None,
    };
    let is_request = fields
        .t
        .and_then(F::quoted)
        .is_some_and(|t| t == "\"q\"" || unescape(t) == "q");
    if is_request {
        return Ok(Envelope::Request(Request {
            method: match fields.m {
                Some(method) => match method.quoted() {
                    Some(text) => unescape(text),
                    // JavaScript converts the name to a string and looks that up.
                    None => Cow::Borrowed(method.scalar().unwrap_or(NAME_OF_OBJECTS)),
                },
                None => Cow::Borrowed(NAMELESS),
            },
            arguments: fields.a.map_or(Payload::Absent, F::payload),
            optional: fields.o.is_some_and(F::is_truthy),
            id,
            parent: fields.traceparent.and_then(F::quoted).map(unescape),
        }));
    }
    let result = fields.r.map_or(Payload::Absent, F::payload);
    Ok(Envelope::Response(Response {
        id,
        result: match fields.e {
            Some(error) if error.is_truthy() => Err(error.payload()),
            _ => Ok(result), // a falsy `e` is a success (`docs/protocol.md` 1.5)
        },
    }))
}

impl<'f> EnvelopeField<'f> for &'f RawValue {
    fn quoted(self) -> Option<&'f str> {
        self.get().starts_with('"').then(|| self.get())
    }

    fn is_truthy(self) -> bool {
        match self.get() {
            "null" | "false" | "\"\"" => false,
            text if text.starts_with('"') => true,
            other => other.parse::<f64>() != Ok(0.0),
        }
    }

    fn scalar(self) -> Option<&'f str> {
        let text = self.get();
        (!text.starts_with(['"', '[', '{'])).then_some(text)
    }

    fn payload(self) -> Payload<'f> {
        Payload::Json(self.get())
    }
}

impl<'f> EnvelopeField<'f> for Node<'f> {
    fn quoted(self) -> Option<&'f str> {
        Node::quoted(self)
    }

    fn is_truthy(self) -> bool {
        Node::is_truthy(self)
    }

    fn scalar(self) -> Option<&'f str> {
        self.scalar_text()
    }

    fn payload(self) -> Payload<'f> {
        if self.is_undefined() {
            Payload::Absent
        } else {
            // The value may be the array of arguments, each of which may be nested as deep as any other value.
            Payload::Clone(self.with_levels(MAX_DEPTH + 1))
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for EnvelopeFields<&'a RawValue> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = EnvelopeFields<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an envelope")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = EnvelopeFields::default();
                while let Some(BorrowedKey(key)) = map.next_key()? {
                    match fields.slot(&key) {
                        Some(slot) => *slot = Some(map.next_value()?),
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A key that is borrowed from the frame if it has no escapes.
struct BorrowedKey<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for BorrowedKey<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = BorrowedKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<BorrowedKey<'de>, E> {
                Ok(BorrowedKey(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<BorrowedKey<'de>, E> {
                Ok(BorrowedKey(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

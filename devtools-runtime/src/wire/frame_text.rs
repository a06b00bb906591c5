//! Reads an envelope once, and borrows from the frame.
//!
//! [`FrameText::open`] splits a frame for its codec. [`FrameText::envelope`] then borrows the fields. Arguments and
//! results stay undecoded [`Payload`]s. Unknown keys are skipped. If a key is repeated, the last one is used.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::envelope::{Envelope, Request, Response, TRACEPARENT};
use crate::wire::payload::Payload;
use crate::wire::plain::PlainFrame;
use crate::wire::read_error::ReadError;
use crate::wire::request_id::RequestId;
use crate::wire::structured_clone::{Document, Node, unescape};
use crate::wire::surrogates::has_lone_surrogate;

/// The name that JavaScript looks up if a request has no name.
const NAMELESS: &str = "undefined";

/// A frame whose outermost layer is well formed in its codec.
pub(crate) enum FrameText<'a> {
    Plain(PlainFrame<'a>),
    Json(EnvelopeFields<&'a RawValue>),
    Clone(Document<'a>),
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
trait EnvelopeField<'f>: Copy + Into<Payload<'f>> {
    /// Returns the text of a string as it is written, with quotes.
    fn quoted(self) -> Option<&'f str>;
    fn is_truthy(self) -> bool;
    /// Returns the text of a number, a boolean, `null` or `undefined`. `None` for other values, which are not read.
    fn scalar(self) -> Option<&'f str>;
}

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
            arguments: fields.a.map_or(Payload::Absent, F::into),
            optional: fields.o.is_some_and(F::is_truthy),
            id,
            parent: fields.traceparent.and_then(F::quoted).map(unescape),
        }));
    }
    let result = fields.r.map_or(Payload::Absent, F::into);
    Ok(Envelope::Response(Response {
        id,
        result: match fields.e {
            Some(error) if error.is_truthy() => Err(error.into()),
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

//! The content of a record, by its tag.

use std::borrow::Cow;

use super::{
    error::Problem,
    scan::{Cursor, unescape},
    split::{RecordShape, RecordSpan, Split},
};
use crate::wire::js::TypedArrayKind;

/// A value whose type is known and whose content is still text.
#[derive(Clone, Copy, Debug)]
pub(super) enum RecordForm<'d> {
    Undefined,
    Null,
    Bool(bool),
    Number(&'d str),
    String(Quoted<'d>),
    Array(ContainerMembers<'d>),
    Set(ContainerMembers<'d>),
    Object(ContainerMembers<'d>),
    Map(ContainerMembers<'d>),
    Date(RecordPayload<'d>),
    RegExp(RecordPayload<'d>),
    Error(RecordPayload<'d>),
    BigInt(RecordPayload<'d>),
    Boxed(Primitive, RecordPayload<'d>),
    TypedArray(TypedArrayKind, RecordPayload<'d>),
    ArrayBuffer(RecordPayload<'d>),
    DataView(RecordPayload<'d>),
}

/// A string as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quoted<'d> {
    /// The content, which has no escapes.
    Plain(&'d str),
    /// The text with quotes, which may have escapes.
    Text(&'d str),
}

impl<'d> Quoted<'d> {
    /// Returns the content. Unpaired surrogates become U+FFFD.
    pub(super) fn content(self) -> Cow<'d, str> {
        match self {
            Self::Plain(content) => Cow::Borrowed(content),
            Self::Text(text) => unescape(text),
        }
    }

    /// Returns `true` if the content is empty.
    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::Plain(content) => content.is_empty(),
            Self::Text(text) => text == "\"\"",
        }
    }
}

/// The members of a container.
#[derive(Clone, Copy, Debug)]
pub(super) enum ContainerMembers<'d> {
    /// Indices. In an object or a map, keys and values alternate.
    Links(&'d [u32]),
    /// The text of indices, or of pairs of them. It was not checked.
    Linked(Cursor<'d>),
    /// A JSON array or object.
    Inline(Cursor<'d>),
}

/// The types of boxed primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    Boolean,
    Number,
    String,
    BigInt,
}

/// The JSON value after the tag. `None` if the record ends after the tag.
pub(super) type RecordPayload<'d> = Option<Cursor<'d>>;

impl<'d> RecordForm<'d> {
    /// Returns the form of a record.
    pub(super) fn of_record(records: &'d Split<'_>, record: RecordSpan) -> Result<Self, Problem> {
        let links = || ContainerMembers::Links(records.links(record));
        Ok(match record.shape {
            RecordShape::Plain => Self::String(Quoted::Plain(records.plain(record))),
            RecordShape::Escaped => Self::String(Quoted::Text(records.primitive(record))),
            RecordShape::Number => Self::Number(records.primitive(record)),
            RecordShape::Array => Self::Array(links()),
            RecordShape::Object => Self::Object(links()),
            RecordShape::Map => Self::Map(links()),
            RecordShape::Set => Self::Set(links()),
            RecordShape::Other => return Self::of_text(records.text_of(record)),
        })
    }

    /// Parses the record with this text.
    fn of_text(record: &'d str) -> Result<Self, Problem> {
        if let [b'[', b'0'..=b'9', b',', ..] = record.as_bytes() {
            // The form in which every encoder writes it.
            let form = Self::of_number(&record[1..2], Some(Cursor::new(&record[3..])));
            return form.unwrap_or_else(|| Err(Problem::UnknownTag(record[1..2].to_owned())));
        }
        let mut cursor = Cursor::new(record);
        if !cursor.eat(b'[') || cursor.peek() == Some(b']') {
            return Err(Problem::NotARecord);
        }
        let tag = cursor.value();
        let payload = cursor.eat(b',').then_some(cursor);
        if tag.starts_with('"') {
            return Self::of_class(tag, payload);
        }
        Self::of_number(usual_tag(tag), payload)
            .unwrap_or_else(|| Err(Problem::UnknownTag(tag.to_owned())))
    }

    fn of_number(tag: &str, payload: RecordPayload<'d>) -> Option<Result<Self, Problem>> {
        Some(match tag {
            "0" | "-1" => Ok(payload.map_or(Self::Undefined, Self::of_json)),
            "1" => Self::container(payload, "an array", Self::Array),
            "2" => Self::container(payload, "an object", Self::Object),
            "3" => Ok(Self::Date(payload)),
            "4" => Ok(Self::RegExp(payload)),
            "5" => Self::container(payload, "a Map", Self::Map),
            "6" => Self::container(payload, "a Set", Self::Set),
            "7" => Ok(Self::Error(payload)),
            "8" => Ok(Self::BigInt(payload)),
            _ => return None,
        })
    }

    /// Returns the form of a JSON value.
    pub(super) fn of_json(mut cursor: Cursor<'d>) -> Self {
        match cursor.peek() {
            Some(b'n') | None => Self::Null,
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'"') => Self::String(Quoted::Text(cursor.value())),
            Some(b'[') => Self::Array(ContainerMembers::Inline(cursor)),
            Some(b'{') => Self::Object(ContainerMembers::Inline(cursor)),
            Some(_) => Self::Number(cursor.value()),
        }
    }

    fn container(
        payload: RecordPayload<'d>,
        of: &'static str,
        form: impl FnOnce(ContainerMembers<'d>) -> Self,
    ) -> Result<Self, Problem> {
        payload
            .filter(|cursor| cursor.clone().peek() == Some(b'['))
            .map(|cursor| form(ContainerMembers::Linked(cursor)))
            .ok_or(Problem::Payload {
                of,
                expected: "an array of its members",
            })
    }

    fn of_class(tag: &str, payload: RecordPayload<'d>) -> Result<Self, Problem> {
        let name = unescape(tag);
        Ok(match &*name {
            "Boolean" => Self::Boxed(Primitive::Boolean, payload),
            "Number" => Self::Boxed(Primitive::Number, payload),
            "String" => Self::Boxed(Primitive::String, payload),
            "BigInt" => Self::Boxed(Primitive::BigInt, payload),
            "ArrayBuffer" => Self::ArrayBuffer(payload),
            "DataView" => Self::DataView(payload),
            _ => match TypedArrayKind::from_name(&name) {
                Some(kind) => Self::TypedArray(kind, payload),
                None => return Err(Problem::UnknownTag(tag.to_owned())),
            },
        })
    }

    /// Returns `true` if the value has members, so that it counts as a level of nesting.
    pub(super) fn is_container(&self) -> bool {
        matches!(
            self,
            Self::Array(..) | Self::Set(_) | Self::Object(..) | Self::Map(_)
        )
    }

    /// Returns the name of the type for messages.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Undefined => "`undefined`",
            Self::Null => "`null`",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(..) => "an array",
            Self::Set(_) => "a Set",
            Self::Object(..) => "an object",
            Self::Map(_) => "a Map",
            Self::Date(_) => "a Date",
            Self::RegExp(_) => "a RegExp",
            Self::Error(_) => "an Error",
            Self::BigInt(_) => "a BigInt",
            Self::Boxed(..) => "a boxed primitive",
            Self::TypedArray(..) => "a typed array",
            Self::ArrayBuffer(_) => "an ArrayBuffer",
            Self::DataView(_) => "a DataView",
        }
    }
}

/// Returns the usual text of a numeric tag. Tags are numbers, so `1.0` is `1`.
fn usual_tag(tag: &str) -> &str {
    if matches!(tag.as_bytes(), [b'0'..=b'9'] | [b'-', b'1']) {
        return tag;
    }
    let number = tag.parse::<f64>();
    ["-1", "0", "1", "2", "3", "4", "5", "6", "7", "8"]
        .into_iter()
        .find(|usual| usual.parse() == number)
        .unwrap_or(tag)
}

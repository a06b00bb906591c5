//! The content of a record, by its tag.

use super::{
    error::Problem,
    scan::{Cursor, unescape},
};
use crate::wire::js::TypedArrayKind;

/// A value whose type is known and whose content is still text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form<'d> {
    Undefined,
    Null,
    Bool(bool),
    /// The cursor is before the number.
    Number(Cursor<'d>),
    /// The cursor is before the string.
    String(Cursor<'d>),
    /// The members are indices, or JSON values if the payload is JSON.
    Array(Members, Cursor<'d>),
    Set(Cursor<'d>),
    /// The properties are pairs of indices, or those of a JSON object.
    Object(Members, Cursor<'d>),
    Map(Cursor<'d>),
    Date(Payload<'d>),
    RegExp(Payload<'d>),
    Error(Payload<'d>),
    BigInt(Payload<'d>),
    Boxed(Primitive, Payload<'d>),
    TypedArray(TypedArrayKind, Payload<'d>),
    ArrayBuffer(Payload<'d>),
    DataView(Payload<'d>),
}

/// The way in which a container refers to its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Members {
    Linked,
    Inline,
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
pub(super) type Payload<'d> = Option<Cursor<'d>>;

impl<'d> Form<'d> {
    /// Parses the record with this text.
    pub(super) fn of_record(record: &'d str) -> Result<Self, Problem> {
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

    fn of_number(tag: &str, payload: Payload<'d>) -> Option<Result<Self, Problem>> {
        Some(match tag {
            "0" | "-1" => Ok(payload.map_or(Self::Undefined, Self::of_json)),
            "1" => Self::container(payload, "an array", |at| Self::Array(Members::Linked, at)),
            "2" => Self::container(payload, "an object", |at| Self::Object(Members::Linked, at)),
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
            Some(b'"') => Self::String(cursor),
            Some(b'[') => Self::Array(Members::Inline, cursor),
            Some(b'{') => Self::Object(Members::Inline, cursor),
            Some(_) => Self::Number(cursor),
        }
    }

    fn container(
        payload: Payload<'d>,
        of: &'static str,
        form: impl FnOnce(Cursor<'d>) -> Self,
    ) -> Result<Self, Problem> {
        payload
            .filter(|cursor| cursor.clone().peek() == Some(b'['))
            .map(form)
            .ok_or(Problem::Payload {
                of,
                expected: "an array of its members",
            })
    }

    fn of_class(tag: &str, payload: Payload<'d>) -> Result<Self, Problem> {
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

//! The values that visitors get. They are the same for all visitors, so that little is compiled for each type.

use std::borrow::Cow;

use serde::de::{Visitor, value::MapDeserializer};

use crate::wire::js::TypedArrayKind;
use crate::wire::structured_clone::decode::access::{
    ElementAccess, EntryAccess, PropertyAccess, RemainingItems,
};
use crate::wire::structured_clone::decode::number::DecodedNumber;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{ContainerMembers, Primitive, RecordForm, RecordPayload};
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::payload;
use crate::wire::structured_clone::typed_array::Numbers;

/// A value as a visitor gets it.
pub(super) enum DecodedContent<'d> {
    Unit,
    Bool(bool),
    Number(DecodedNumber),
    Text(Cow<'d, str>),
    Elements(ElementAccess<'d>),
    Properties(PropertyAccess<'d>),
    /// The properties of an object of a class.
    Texts([(&'static str, Cow<'d, str>); 2]),
    Entries(EntryAccess<'d>),
}

impl<'d> DecodedContent<'d> {
    /// Reads the value of `node`, which has this form.
    pub(super) fn of(node: Node<'d>, form: RecordForm<'d>) -> Result<Self, DecodeError> {
        Ok(match form {
            RecordForm::Undefined | RecordForm::Null => Self::Unit,
            RecordForm::Bool(value) => Self::Bool(value),
            RecordForm::Number(text) => Self::Number(DecodedNumber::of(text)),
            RecordForm::String(text) => Self::Text(text.content()),
            RecordForm::Array(ContainerMembers::Links(links)) => Self::Elements(
                ElementAccess::new(RemainingItems::Links(node, links.iter())),
            ),
            RecordForm::Array(members) => Self::Elements(ElementAccess::new(
                RemainingItems::Texts(node.items(members)),
            )),
            RecordForm::Set(members) => {
                let members = node.distinct(members)?.into_iter();
                Self::Elements(ElementAccess::new(RemainingItems::Nodes(members)))
            }
            RecordForm::Object(members) => Self::Properties(PropertyAccess::of(node, members)?),
            RecordForm::Map(members) => Self::Entries(EntryAccess::new(node.pairs(members)?)),
            RecordForm::Date(content) => {
                let date = payload::date(content)?.ok_or(Problem::InvalidDate)?;
                Self::Text(date.to_string().into())
            }
            RecordForm::RegExp(content) => {
                let (source, flags) = payload::reg_exp(content)?;
                Self::Texts([("source", source), ("flags", flags)])
            }
            RecordForm::Error(content) => {
                let (name, message) = payload::error(content)?;
                Self::Texts([("name", name), ("message", message)])
            }
            RecordForm::BigInt(content) => Self::big_int(content)?,
            RecordForm::Boxed(primitive, content) => Self::boxed(primitive, content)?,
            RecordForm::TypedArray(kind, content) => Self::numbers(kind, content)?,
            RecordForm::ArrayBuffer(content) | RecordForm::DataView(content) => {
                Self::numbers(TypedArrayKind::Uint8, content)?
            }
        })
    }

    /// Returns the integer as a type that every visitor knows, or its digits if it fits none.
    fn big_int(content: RecordPayload<'d>) -> Result<Self, Problem> {
        let integer = payload::big_int(content)?;
        if let Ok(integer) = u64::try_from(&integer) {
            return Ok(Self::Number(DecodedNumber::Unsigned(integer)));
        }
        Ok(match i64::try_from(&integer) {
            Ok(integer) => Self::Number(DecodedNumber::Signed(integer)),
            Err(_) => Self::Text(integer.as_str().to_owned().into()),
        })
    }

    fn boxed(primitive: Primitive, content: RecordPayload<'d>) -> Result<Self, Problem> {
        match (primitive, content.map(RecordForm::of_json)) {
            (Primitive::Boolean, Some(RecordForm::Bool(value))) => Ok(Self::Bool(value)),
            (Primitive::Number, Some(RecordForm::Number(text))) => {
                Ok(Self::Number(DecodedNumber::of(text)))
            }
            (Primitive::Number, Some(RecordForm::Null)) => {
                Ok(Self::Number(DecodedNumber::Unsigned(0)))
            }
            (Primitive::String, Some(RecordForm::String(text))) => Ok(Self::Text(text.content())),
            (Primitive::BigInt, _) => Self::big_int(content),
            _ => Err(Problem::Payload {
                of: "a boxed primitive",
                expected: "one",
            }),
        }
    }

    fn numbers(kind: TypedArrayKind, content: RecordPayload<'d>) -> Result<Self, Problem> {
        let numbers = Numbers::of(kind, content)?;
        Ok(Self::Elements(ElementAccess::new(RemainingItems::Numbers(
            numbers,
        ))))
    }

    /// Passes the value to a visitor, which must take all elements of a list.
    pub(super) fn visit<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Unit => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Number(number) => number.visit(visitor),
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::Elements(elements) => elements.visit(visitor),
            Self::Properties(properties) => visitor.visit_map(properties),
            Self::Texts(properties) => {
                visitor.visit_map(MapDeserializer::new(properties.into_iter()))
            }
            Self::Entries(entries) => visitor.visit_map(entries),
        }
    }
}

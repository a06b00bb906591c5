//! The values that visitors get. They are the same for all visitors, so that little is compiled for each type.

use std::borrow::Cow;

use serde::de::{Visitor, value::MapDeserializer};

use crate::wire::js::TypedArrayKind;
use crate::wire::structured_clone::decode::access::{Elements, Entries, Items, Properties};
use crate::wire::structured_clone::decode::number::Number;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{ContainerMembers, Form, Payload, Primitive};
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::payload;
use crate::wire::structured_clone::typed_array::Numbers;

/// A value as a visitor gets it.
pub(super) enum Content<'d> {
    Unit,
    Bool(bool),
    Number(Number),
    Text(Cow<'d, str>),
    Elements(Elements<'d>),
    Properties(Properties<'d>),
    /// The properties of an object of a class.
    Texts([(&'static str, Cow<'d, str>); 2]),
    Entries(Entries<'d>),
}

impl<'d> Content<'d> {
    /// Reads the value of `node`, which has this form.
    pub(super) fn of(node: Node<'d>, form: Form<'d>) -> Result<Self, DecodeError> {
        Ok(match form {
            Form::Undefined | Form::Null => Self::Unit,
            Form::Bool(value) => Self::Bool(value),
            Form::Number(text) => Self::Number(Number::of(text)),
            Form::String(text) => Self::Text(text.content()),
            Form::Array(ContainerMembers::Links(links)) => {
                Self::Elements(Elements::new(Items::Links(node, links.iter())))
            }
            Form::Array(members) => {
                Self::Elements(Elements::new(Items::Texts(node.items(members))))
            }
            Form::Set(members) => {
                let members = node.distinct(members)?.into_iter();
                Self::Elements(Elements::new(Items::Nodes(members)))
            }
            Form::Object(members) => Self::Properties(Properties::of(node, members)?),
            Form::Map(members) => Self::Entries(Entries::new(node.pairs(members)?)),
            Form::Date(content) => {
                let date = payload::date(content)?.ok_or(Problem::InvalidDate)?;
                Self::Text(date.to_string().into())
            }
            Form::RegExp(content) => {
                let (source, flags) = payload::reg_exp(content)?;
                Self::Texts([("source", source), ("flags", flags)])
            }
            Form::Error(content) => {
                let (name, message) = payload::error(content)?;
                Self::Texts([("name", name), ("message", message)])
            }
            Form::BigInt(content) => Self::big_int(content)?,
            Form::Boxed(primitive, content) => Self::boxed(primitive, content)?,
            Form::TypedArray(kind, content) => Self::numbers(kind, content)?,
            Form::ArrayBuffer(content) | Form::DataView(content) => {
                Self::numbers(TypedArrayKind::Uint8, content)?
            }
        })
    }

    /// Returns the integer as a type that every visitor knows, or its digits if it fits none.
    fn big_int(content: Payload<'d>) -> Result<Self, Problem> {
        let integer = payload::big_int(content)?;
        if let Ok(integer) = u64::try_from(&integer) {
            return Ok(Self::Number(Number::Unsigned(integer)));
        }
        Ok(match i64::try_from(&integer) {
            Ok(integer) => Self::Number(Number::Signed(integer)),
            Err(_) => Self::Text(integer.as_str().to_owned().into()),
        })
    }

    fn boxed(primitive: Primitive, content: Payload<'d>) -> Result<Self, Problem> {
        match (primitive, content.map(Form::of_json)) {
            (Primitive::Boolean, Some(Form::Bool(value))) => Ok(Self::Bool(value)),
            (Primitive::Number, Some(Form::Number(text))) => Ok(Self::Number(Number::of(text))),
            (Primitive::Number, Some(Form::Null)) => Ok(Self::Number(Number::Unsigned(0))),
            (Primitive::String, Some(Form::String(text))) => Ok(Self::Text(text.content())),
            (Primitive::BigInt, _) => Self::big_int(content),
            _ => Err(Problem::Payload {
                of: "a boxed primitive",
                expected: "one",
            }),
        }
    }

    fn numbers(kind: TypedArrayKind, content: Payload<'d>) -> Result<Self, Problem> {
        let numbers = Numbers::of(kind, content)?;
        Ok(Self::Elements(Elements::new(Items::Numbers(numbers))))
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

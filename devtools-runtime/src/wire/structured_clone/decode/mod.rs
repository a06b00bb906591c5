//! Deserializes any type from a node.

mod access;
mod key;
mod number;
mod tagged;
mod variant;

use std::{borrow::Cow, str::FromStr};

use serde::{
    Deserialize, Deserializer, de,
    de::{
        Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use self::{
    access::{Elements, Entries, Items, Properties, PropertyList},
    tagged::Tagged,
    variant::Variant,
};
use crate::wire::js::{TypedArray, TypedArrayKind, marker};
use crate::wire::reserved::RAW_VALUE;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{Form, Members, Payload, Primitive, Quoted};
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::split::Shape;
use crate::wire::structured_clone::{payload, typed_array};

/// Presents the value as what it is. A type that asks for another form gets it if the value allows.
impl<'d> Deserializer<'d> for Node<'d> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.enter()? {
            Shape::Plain => visitor.visit_borrowed_str(self.plain()),
            Shape::Number => number::visit(self.number(), visitor),
            _ => self.visit_form(self.form()?, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let is_other = self.enter()? == Shape::Other;
        if is_other && matches!(self.form()?, Form::Undefined | Form::Null) {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_f32<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == Shape::Number {
            return visitor.visit_f32(number::parse(self.number()));
        }
        match self.form()? {
            Form::Number(text) => visitor.visit_f32(number::parse(text)),
            Form::Null if self.null_is_nan() => visitor.visit_f32(f32::NAN),
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == Shape::Number {
            return visitor.visit_f64(number::parse(self.number()));
        }
        match self.form()? {
            Form::Number(text) => visitor.visit_f64(number::parse(text)),
            Form::Null if self.null_is_nan() => visitor.visit_f64(f64::NAN),
            #[expect(clippy::cast_precision_loss, reason = "a date has less than 53 bits")]
            Form::Date(content) => visitor
                .visit_f64(payload::date(content)?.map_or(f64::NAN, |date| date.millis() as f64)),
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_i64<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == Shape::Number {
            return number::visit(self.number(), visitor);
        }
        match self.form()? {
            Form::Date(content) => visitor.visit_i64(
                payload::date(content)?
                    .ok_or(Problem::InvalidDate)?
                    .millis(),
            ),
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_i128<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let form = self.visit()?;
        match integer(form)? {
            Some(integer) => visitor.visit_i128(integer),
            None => self.visit_form(form, visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let form = self.visit()?;
        match integer(form)? {
            Some(integer) => visitor.visit_u128(integer),
            None => self.visit_form(form, visitor),
        }
    }

    fn deserialize_str<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == Shape::Plain {
            return visitor.visit_borrowed_str(self.plain());
        }
        match self.form()? {
            Form::BigInt(content) | Form::Boxed(Primitive::BigInt, content) => {
                visitor.visit_str(payload::big_int(content)?.as_str())
            }
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_string<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.visit()? {
            Form::TypedArray(TypedArrayKind::Uint8, content)
            | Form::ArrayBuffer(content)
            | Form::DataView(content) => visitor.visit_byte_buf(typed_array::bytes(content)?),
            Form::TypedArray(TypedArrayKind::Uint8Clamped, content) => {
                visitor.visit_byte_buf(typed_array::clamped_bytes(content)?)
            }
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'d>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match name {
            marker::VALUE => visitor.visit_enum(Tagged(self)),
            RAW_VALUE => {
                let json = std::iter::once((RAW_VALUE, self.to_json()?));
                visitor.visit_map(MapDeserializer::new(json))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'d>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_enum(Variant::of(self)?)
    }

    fn deserialize_ignored_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'d>>
        bool i8 i16 i32 u8 u16 u32 u64 char unit unit_struct seq tuple tuple_struct map struct
        identifier
    }
}

impl<'d> Node<'d> {
    /// Reads the value as a `T`, which may borrow strings that are written without escapes.
    ///
    /// The module's documentation lists which JavaScript types can be read as which Rust types.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is malformed or the value is not a `T`. Its path begins at this node.
    pub(crate) fn read<T: Deserialize<'d>>(self) -> Result<T, DecodeError> {
        T::deserialize(self)
    }

    /// Visits the value of this node, which has this form.
    fn visit_form<V: Visitor<'d>>(
        self,
        form: Form<'d>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match form {
            Form::Undefined | Form::Null => visitor.visit_unit(),
            Form::Bool(value) => visitor.visit_bool(value),
            Form::Number(text) => number::visit(text, visitor),
            Form::String(text) => visit_string(text, visitor),
            Form::Array(Members::Links(links)) => {
                Elements::visit(self, Items::Links(links.iter()), visitor)
            }
            Form::Array(members) => {
                Elements::visit(self, Items::Texts(self.items(members)), visitor)
            }
            Form::Set(members) => {
                let members = self.distinct(members)?;
                Elements::visit(self, Items::Nodes(members.into_iter()), visitor)
            }
            Form::Object(members) => match self.distinct_keys(members) {
                Some(links) => {
                    let links = links.chunks_exact(2);
                    visitor.visit_map(Properties::new(PropertyList::Links(self, links)))
                }
                None => {
                    let properties = self.properties(members)?.into_iter();
                    visitor.visit_map(Properties::new(PropertyList::Nodes(properties)))
                }
            },
            Form::Map(members) => visitor.visit_map(Entries::new(self.pairs(members)?)),
            other => visit_leaf(other, visitor),
        }
    }
}

/// Returns the integer in a number or a `BigInt`. `None` if it does not fit the type.
fn integer<I: FromStr>(form: Form<'_>) -> Result<Option<I>, Problem> {
    Ok(match form {
        Form::Number(text) => text.parse().ok(),
        Form::BigInt(content) => payload::big_int(content)?.as_str().parse().ok(),
        _ => None,
    })
}

/// Visits a value that refers to no other record.
fn visit_leaf<'d, V: Visitor<'d>>(form: Form<'d>, visitor: V) -> Result<V::Value, DecodeError> {
    match form {
        Form::Date(content) => visitor.visit_string(
            payload::date(content)?
                .ok_or(Problem::InvalidDate)?
                .to_string(),
        ),
        Form::RegExp(content) => {
            let (source, flags) = payload::reg_exp(content)?;
            visit_strings([("source", source), ("flags", flags)], visitor)
        }
        Form::Error(content) => {
            let (name, message) = payload::error(content)?;
            visit_strings([("name", name), ("message", message)], visitor)
        }
        Form::BigInt(content) => visit_big_int(content, visitor),
        Form::Boxed(primitive, content) => visit_boxed(primitive, content, visitor),
        Form::TypedArray(kind, content) => {
            visit_typed_array(typed_array::read(kind, content)?, visitor)
        }
        Form::ArrayBuffer(content) | Form::DataView(content) => {
            visit_members(typed_array::bytes(content)?, visitor)
        }
        other => Err(Problem::Unexpected {
            found: other.name(),
            expected: "a leaf",
        }
        .into()),
    }
}

fn visit_string<'d, V: Visitor<'d>>(text: Quoted<'d>, visitor: V) -> Result<V::Value, DecodeError> {
    match text.content() {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

fn visit_strings<'d, V: Visitor<'d>>(
    properties: [(&'static str, Cow<'d, str>); 2],
    visitor: V,
) -> Result<V::Value, DecodeError> {
    visitor.visit_map(MapDeserializer::new(properties.into_iter()))
}

/// Visits the integer as a type that every visitor knows, or as digits if it fits none.
fn visit_big_int<'d, V: Visitor<'d>>(
    content: Payload<'d>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    let integer = payload::big_int(content)?;
    if let Ok(integer) = u64::try_from(&integer) {
        return visitor.visit_u64(integer);
    }
    match i64::try_from(&integer) {
        Ok(integer) => visitor.visit_i64(integer),
        Err(_) => visitor.visit_str(integer.as_str()),
    }
}

fn visit_boxed<'d, V: Visitor<'d>>(
    primitive: Primitive,
    content: Payload<'d>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match (primitive, content.map(Form::of_json)) {
        (Primitive::Boolean, Some(Form::Bool(value))) => visitor.visit_bool(value),
        (Primitive::Number, Some(Form::Number(text))) => number::visit(text, visitor),
        (Primitive::Number, Some(Form::Null)) => visitor.visit_u64(0),
        (Primitive::String, Some(Form::String(text))) => visit_string(text, visitor),
        (Primitive::BigInt, _) => visit_big_int(content, visitor),
        _ => Err(Problem::Payload {
            of: "a boxed primitive",
            expected: "one",
        }
        .into()),
    }
}

fn visit_typed_array<'d, V: Visitor<'d>>(
    array: TypedArray,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match array {
        TypedArray::Int8(members) => visit_members(members, visitor),
        TypedArray::Uint8(members) | TypedArray::Uint8Clamped(members) => {
            visit_members(members, visitor)
        }
        TypedArray::Int16(members) => visit_members(members, visitor),
        TypedArray::Uint16(members) => visit_members(members, visitor),
        TypedArray::Int32(members) => visit_members(members, visitor),
        TypedArray::Uint32(members) => visit_members(members, visitor),
        TypedArray::Float16(members) | TypedArray::Float32(members) => {
            visit_members(members, visitor)
        }
        TypedArray::Float64(members) => visit_members(members, visitor),
        TypedArray::BigInt64(members) => visit_members(members, visitor),
        TypedArray::BigUint64(members) => visit_members(members, visitor),
    }
}

fn visit_members<'d, T, V>(members: Vec<T>, visitor: V) -> Result<V::Value, DecodeError>
where
    T: de::IntoDeserializer<'d, DecodeError>,
    V: Visitor<'d>,
{
    let mut members = SeqDeserializer::new(members.into_iter());
    let value = visitor.visit_seq(&mut members)?;
    members.end()?;
    Ok(value)
}

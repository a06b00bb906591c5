//! Deserializes any type from a node.

mod access;
mod content;
mod key;
pub(super) mod number;
mod tagged;
mod variant;

use std::str::FromStr;

use serde::{
    Deserialize, Deserializer,
    de::{Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};

use self::{
    access::{ElementAccess, PropertyAccess, RemainingItems},
    content::DecodedContent,
    number::DecodedNumber,
    tagged::Tagged,
    variant::Variant,
};
use crate::wire::js::{TypedArrayKind, marker};
use crate::wire::reserved::RAW_VALUE;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{ContainerMembers, Primitive, RecordForm};
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::split::RecordShape;
use crate::wire::structured_clone::{payload, typed_array};

/// Presents each value in the form of its own type. If a type asks for another form, the value is converted if
/// possible.
impl<'d> Deserializer<'d> for Node<'d> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.enter()? {
            RecordShape::Plain => visitor.visit_borrowed_str(self.plain()),
            RecordShape::Number => DecodedNumber::of(self.number()).visit(visitor),
            _ => self.visit_form(self.form()?, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let is_other = self.enter()? == RecordShape::Other;
        if is_other && matches!(self.form()?, RecordForm::Undefined | RecordForm::Null) {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_f32<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == RecordShape::Number {
            return visitor.visit_f32(number::parse(self.number()));
        }
        match self.form()? {
            RecordForm::Number(text) => visitor.visit_f32(number::parse(text)),
            RecordForm::Null if self.null_is_nan() => visitor.visit_f32(f32::NAN),
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_f64<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == RecordShape::Number {
            return visitor.visit_f64(number::parse(self.number()));
        }
        match self.form()? {
            RecordForm::Number(text) => visitor.visit_f64(number::parse(text)),
            RecordForm::Null if self.null_is_nan() => visitor.visit_f64(f64::NAN),
            #[expect(clippy::cast_precision_loss, reason = "a date has less than 53 bits")]
            RecordForm::Date(content) => visitor
                .visit_f64(payload::date(content)?.map_or(f64::NAN, |date| date.millis() as f64)),
            form => self.visit_form(form, visitor),
        }
    }

    fn deserialize_i64<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.enter()? == RecordShape::Number {
            return DecodedNumber::of(self.number()).visit(visitor);
        }
        match self.form()? {
            RecordForm::Date(content) => visitor.visit_i64(
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
        if self.enter()? == RecordShape::Plain {
            return visitor.visit_borrowed_str(self.plain());
        }
        match self.form()? {
            RecordForm::BigInt(content) | RecordForm::Boxed(Primitive::BigInt, content) => {
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
            RecordForm::TypedArray(TypedArrayKind::Uint8, content)
            | RecordForm::ArrayBuffer(content)
            | RecordForm::DataView(content) => visitor.visit_byte_buf(typed_array::bytes(content)?),
            RecordForm::TypedArray(TypedArrayKind::Uint8Clamped, content) => {
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
    /// The documentation of [`js`](crate::wire::js) describes which JavaScript types can be read as which Rust types.
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
        form: RecordForm<'d>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        // Arrays and objects bypass `DecodedContent`, because it is large and most containers are of these types.
        match form {
            RecordForm::Array(ContainerMembers::Links(links)) => {
                ElementAccess::new(RemainingItems::Links(self, links.iter())).visit(visitor)
            }
            RecordForm::Object(members) => visitor.visit_map(PropertyAccess::of(self, members)?),
            form => DecodedContent::of(self, form)?.visit(visitor),
        }
    }
}

/// Returns the integer in a number or a `BigInt`. `None` if it does not fit the type.
fn integer<I: FromStr>(form: RecordForm<'_>) -> Result<Option<I>, Problem> {
    Ok(match form {
        RecordForm::Number(text) => text.parse().ok(),
        RecordForm::BigInt(content) => payload::big_int(content)?.as_str().parse().ok(),
        _ => None,
    })
}

//! Converts JavaScript's number type to Rust's number types.

use std::str::FromStr;

use serde::{Deserializer, de::Visitor, forward_to_deserialize_any};

use crate::wire::js::{integer_beyond_floats, marker};
use crate::wire::reserved::RAW_VALUE;
use crate::wire::structured_clone::error::DecodeError;

/// A number in the type in which a visitor gets it.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum DecodedNumber {
    Unsigned(u64),
    Signed(i64),
    /// Boxed, because an `i128` is large and rare.
    Wide(Box<i128>),
    Single(f32),
    Double(f64),
}

/// Parses the number in a JSON text. A number beyond the range of floats is infinite, as in JavaScript.
pub(super) fn parse<F: FromStr + Default>(text: &str) -> F {
    text.parse().unwrap_or_default()
}

impl DecodedNumber {
    /// Parses a number. A whole one becomes an integer, in whichever way it is written, for instance `1.0` or `1e2`.
    #[inline]
    pub(super) fn of(text: &str) -> Self {
        if let Ok(integer) = text.parse() {
            return Self::Unsigned(integer);
        }
        if let Ok(integer) = text.parse() {
            return Self::Signed(integer);
        }
        if let Some(integer) = integer_beyond_floats(text) {
            return Self::Wide(Box::new(integer));
        }
        let number: f64 = parse(text);
        if number.fract() != 0.0 {
            return Self::Double(number);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within the range that is checked"
        )]
        #[expect(clippy::cast_sign_loss, reason = "within the range that is checked")]
        match number {
            0.0..18_446_744_073_709_551_616.0 => Self::Unsigned(number as u64),
            -9_223_372_036_854_775_808.0..0.0 => Self::Signed(number as i64),
            _ => Self::Double(number),
        }
    }

    #[inline]
    pub(super) fn visit<'d, V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Unsigned(number) => visitor.visit_u64(number),
            Self::Signed(number) => visitor.visit_i64(number),
            Self::Wide(number) => visitor.visit_i128(*number),
            Self::Single(number) => visitor.visit_f32(number),
            Self::Double(number) => visitor.visit_f64(number),
        }
    }
}

impl<'d> Deserializer<'d> for DecodedNumber {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'d>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match name {
            marker::VALUE | RAW_VALUE => self.visit(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'d>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

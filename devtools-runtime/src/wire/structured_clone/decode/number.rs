//! Converts JavaScript's number type to Rust's number types.

use std::str::FromStr;

use serde::de::Visitor;

use crate::wire::js::integer_beyond_floats;
use crate::wire::structured_clone::error::DecodeError;

/// Parses the number in a JSON text. A number beyond the range of floats is infinite, as in JavaScript.
pub(super) fn parse<F: FromStr + Default>(text: &str) -> F {
    text.parse().unwrap_or_default()
}

/// Visits a whole number as an integer, in whichever way it is written, for instance `1.0` or `1e2`.
pub(super) fn visit<'d, V: Visitor<'d>>(text: &str, visitor: V) -> Result<V::Value, DecodeError> {
    if let Ok(integer) = text.parse() {
        return visitor.visit_u64(integer);
    }
    if let Ok(integer) = text.parse() {
        return visitor.visit_i64(integer);
    }
    if let Some(integer) = integer_beyond_floats(text) {
        return visitor.visit_i128(integer);
    }
    let number: f64 = parse(text);
    if number.fract() != 0.0 {
        return visitor.visit_f64(number);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the range that is checked"
    )]
    #[expect(clippy::cast_sign_loss, reason = "within the range that is checked")]
    match number {
        0.0..18_446_744_073_709_551_616.0 => visitor.visit_u64(number as u64),
        -9_223_372_036_854_775_808.0..0.0 => visitor.visit_i64(number as i64),
        _ => visitor.visit_f64(number),
    }
}

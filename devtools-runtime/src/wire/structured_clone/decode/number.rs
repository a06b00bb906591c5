//! JavaScript's one number type into Rust's many.

use std::str::FromStr;

use serde::de::Visitor;

use super::DecodeError;
use crate::wire::js::integer_beyond_floats;

/// The number a JSON text stands for; beyond the range of floats that is infinity, as in JavaScript.
pub(super) fn parse<F: FromStr + Default>(text: &str) -> F {
    text.parse().unwrap_or_default()
}

/// Visits an integer where the number is one, however it is written: `1.0` and `1e2` are.
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

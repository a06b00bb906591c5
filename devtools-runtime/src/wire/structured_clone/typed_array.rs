//! Converts the members of typed arrays and buffers, as JavaScript does.

use super::{
    decode::number::DecodedNumber,
    error::Problem,
    form::{RecordForm, RecordPayload},
    payload,
    scan::{Cursor, JsonMembers},
};
use crate::wire::js::TypedArrayKind;

const NO_NUMBER: Problem = Problem::Payload {
    of: "a typed array or buffer",
    expected: "an array of numbers",
};

const NO_INTEGER: Problem = Problem::Payload {
    of: "a typed array of BigInts",
    expected: "an array of integers as text",
};

/// The members of a typed array that are not read yet.
pub(super) struct Numbers<'d> {
    kind: TypedArrayKind,
    members: JsonMembers<'d>,
}

impl<'d> Numbers<'d> {
    /// Returns the members of a typed array of this kind.
    pub(super) fn of(kind: TypedArrayKind, payload: RecordPayload<'d>) -> Result<Self, Problem> {
        match payload.and_then(JsonMembers::of_array) {
            Some(members) => Ok(Self { kind, members }),
            None if is_of_big_ints(kind) => Err(NO_INTEGER),
            None => Err(NO_NUMBER),
        }
    }
}

impl Iterator for Numbers<'_> {
    type Item = Result<DecodedNumber, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let is_there = self.members.advance();
        is_there.then(|| member(self.kind, self.members.cursor.value()))
    }
}

/// Reads bytes from a payload.
pub(super) fn bytes(payload: RecordPayload<'_>) -> Result<Vec<u8>, Problem> {
    bytes_of(TypedArrayKind::Uint8, payload)
}

/// Reads the bytes of a `Uint8ClampedArray` from a payload.
pub(super) fn clamped_bytes(payload: RecordPayload<'_>) -> Result<Vec<u8>, Problem> {
    bytes_of(TypedArrayKind::Uint8Clamped, payload)
}

fn bytes_of(kind: TypedArrayKind, payload: RecordPayload<'_>) -> Result<Vec<u8>, Problem> {
    let byte = |member| match member? {
        DecodedNumber::Unsigned(byte) => u8::try_from(byte).map_err(|_| NO_NUMBER),
        _ => Err(NO_NUMBER),
    };
    Numbers::of(kind, payload)?.map(byte).collect()
}

/// Reads a member of a typed array of this kind.
fn member(kind: TypedArrayKind, text: &str) -> Result<DecodedNumber, Problem> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "JavaScript takes the low bits"
    )]
    #[expect(clippy::cast_possible_wrap, reason = "JavaScript takes the low bits")]
    #[expect(clippy::cast_sign_loss, reason = "JavaScript takes the low bits")]
    Ok(match kind {
        TypedArrayKind::Int8 => DecodedNumber::Signed((low_bits(number(text)?) as i8).into()),
        TypedArrayKind::Uint8 => DecodedNumber::Unsigned((low_bits(number(text)?) as u8).into()),
        TypedArrayKind::Uint8Clamped => DecodedNumber::Unsigned(clamp(number(text)?).into()),
        TypedArrayKind::Int16 => DecodedNumber::Signed((low_bits(number(text)?) as i16).into()),
        TypedArrayKind::Uint16 => DecodedNumber::Unsigned((low_bits(number(text)?) as u16).into()),
        TypedArrayKind::Int32 => DecodedNumber::Signed((low_bits(number(text)?) as i32).into()),
        TypedArrayKind::Uint32 => DecodedNumber::Unsigned(low_bits(number(text)?).into()),
        TypedArrayKind::Float16 => DecodedNumber::Single(round_to_half(number(text)?)),
        TypedArrayKind::Float32 => DecodedNumber::Single(number(text)? as f32),
        TypedArrayKind::Float64 => DecodedNumber::Double(number(text)?),
        TypedArrayKind::BigInt64 => DecodedNumber::Signed(integer(text)? as i64),
        TypedArrayKind::BigUint64 => DecodedNumber::Unsigned(integer(text)? as u64),
    })
}
fn is_of_big_ints(kind: TypedArrayKind) -> bool {
    matches!(kind, TypedArrayKind::BigInt64 | TypedArrayKind::BigUint64)
}

/// Parses a member of an array of numbers. `NaN` and the infinities are written as `null`, which is 0.
fn number(member: &str) -> Result<f64, Problem> {
    match RecordForm::of_json(Cursor::new(member)) {
        RecordForm::Null => Ok(0.0),
        RecordForm::Number(text) => Ok(text.parse().unwrap_or(f64::NAN)),
        _ => Err(NO_NUMBER),
    }
}

/// Parses a member of an array of `BigInt`s.
fn integer(member: &str) -> Result<i128, Problem> {
    let mut cursor = Cursor::new(member);
    if cursor.peek() != Some(b'"') {
        return Err(NO_INTEGER);
    }
    let integer = payload::big_int(Some(cursor))?;
    i128::try_from(integer).map_err(|_| NO_INTEGER)
}

/// Converts a number for an integer array: its whole part modulo 2^32.
fn low_bits(number: f64) -> u32 {
    const MODULUS: f64 = 4_294_967_296.0;
    if !number.is_finite() {
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has 33 bits, and the low 32 are wanted"
    )]
    #[expect(clippy::cast_sign_loss, reason = "two's complement is wanted")]
    let bits = (number.trunc() % MODULUS) as i64 as u32;
    bits
}

/// Converts a number for a clamped array: the nearest byte, ties to even.
fn clamp(number: f64) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a byte")]
    #[expect(clippy::cast_sign_loss, reason = "clamped to a byte")]
    let byte = number.clamp(0.0, 255.0).round_ties_even() as u8;
    byte
}

/// Rounds to the nearest number of half precision, ties to even.
fn round_to_half(number: f64) -> f32 {
    const MAX: f64 = 65_504.0;
    const MIN_EXPONENT: i32 = -14; // below, numbers are subnormal and their steps stay as they are
    const FRACTION_BITS: i32 = 10;
    if number == 0.0 || !number.is_finite() {
        #[expect(clippy::cast_possible_truncation, reason = "exact")]
        return number as f32;
    }
    let exponent = (number.to_bits() >> 52 & 0x7ff) as i32 - 1023;
    let step = 2_f64.powi(exponent.max(MIN_EXPONENT) - FRACTION_BITS);
    let rounded = (number / step).round_ties_even() * step;
    #[expect(clippy::cast_possible_truncation, reason = "exact, or infinite")]
    if rounded.abs() > MAX {
        f32::INFINITY.copysign(number as f32)
    } else {
        rounded as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_as_float16_arrays_do() {
        for (number, half) in [
            (1.0, 1.0),
            (1.0 / 3.0, 0.333_251_95),
            (65_504.0, 65_504.0),
            (65_519.99, 65_504.0),
            (65_520.0, f32::INFINITY),
            (-1e9, f32::NEG_INFINITY),
            (5.960_464_477_539_063e-8, 5.960_464_5e-8),
            (2.9e-8, 0.0),
            (1.000_488_281_25, 1.0),
            (1.001_464_843_75, 1.001_953_1),
        ] {
            assert_eq!(round_to_half(number).to_bits(), half.to_bits(), "{number}");
        }
    }

    #[test]
    fn integers_wrap_and_bytes_clamp() {
        assert_eq!(
            [256.0, -1.0, 1.9, 4_294_967_296.5, 1e300].map(low_bits),
            [256, u32::MAX, 1, 0, 0]
        );
        assert_eq!([256.0, -1.0, 1.5, 2.5].map(clamp), [255, 0, 2, 2]);
    }

    #[test]
    fn sixty_four_bits_wrap() {
        let payload = r#"["-1","18446744073709551615"]"#;
        let parse = |kind| {
            let numbers = Numbers::of(kind, Some(Cursor::new(payload))).unwrap();
            numbers.collect::<Result<Vec<_>, _>>().unwrap()
        };
        assert_eq!(
            parse(TypedArrayKind::BigInt64),
            [DecodedNumber::Signed(-1), DecodedNumber::Signed(-1)]
        );
        assert_eq!(
            parse(TypedArrayKind::BigUint64),
            [
                DecodedNumber::Unsigned(u64::MAX),
                DecodedNumber::Unsigned(u64::MAX)
            ]
        );
    }
}

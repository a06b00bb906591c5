//! Converts the members of typed arrays and buffers, as JavaScript does.

use super::{
    error::Problem,
    form::{Form, Payload},
    payload,
    scan::{Cursor, Members},
};
use crate::wire::js::{TypedArray, TypedArrayKind};

/// Reads a typed array of this kind from a payload.
pub(super) fn read(kind: TypedArrayKind, payload: Payload<'_>) -> Result<TypedArray, Problem> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "JavaScript takes the low bits"
    )]
    #[expect(clippy::cast_possible_wrap, reason = "JavaScript takes the low bits")]
    #[expect(clippy::cast_sign_loss, reason = "JavaScript takes the low bits")]
    Ok(match kind {
        TypedArrayKind::Int8 => TypedArray::Int8(numbers(payload, |x| low_bits(x) as i8)?),
        TypedArrayKind::Uint8 => TypedArray::Uint8(bytes(payload)?),
        TypedArrayKind::Uint8Clamped => TypedArray::Uint8Clamped(clamped_bytes(payload)?),
        TypedArrayKind::Int16 => TypedArray::Int16(numbers(payload, |x| low_bits(x) as i16)?),
        TypedArrayKind::Uint16 => TypedArray::Uint16(numbers(payload, |x| low_bits(x) as u16)?),
        TypedArrayKind::Int32 => TypedArray::Int32(numbers(payload, |x| low_bits(x) as i32)?),
        TypedArrayKind::Uint32 => TypedArray::Uint32(numbers(payload, low_bits)?),
        TypedArrayKind::Float16 => TypedArray::Float16(numbers(payload, round_to_half)?),
        TypedArrayKind::Float32 => TypedArray::Float32(numbers(payload, |x| x as f32)?),
        TypedArrayKind::Float64 => TypedArray::Float64(numbers(payload, |x| x)?),
        TypedArrayKind::BigInt64 => TypedArray::BigInt64(integers(payload, |x| x as i64)?),
        TypedArrayKind::BigUint64 => TypedArray::BigUint64(integers(payload, |x| x as u64)?),
    })
}

/// Reads bytes from a payload.
pub(super) fn bytes(payload: Payload<'_>) -> Result<Vec<u8>, Problem> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "JavaScript takes the low bits"
    )]
    numbers(payload, |x| low_bits(x) as u8)
}

/// Reads the bytes of a `Uint8ClampedArray` from a payload.
pub(super) fn clamped_bytes(payload: Payload<'_>) -> Result<Vec<u8>, Problem> {
    numbers(payload, clamp)
}

fn numbers<T>(payload: Payload<'_>, convert: impl Fn(f64) -> T) -> Result<Vec<T>, Problem> {
    const PROBLEM: Problem = Problem::Payload {
        of: "a typed array or buffer",
        expected: "an array of numbers",
    };
    members(payload, PROBLEM, |member| {
        match Form::of_json(Cursor::new(member)) {
            Form::Null => Ok(convert(0.0)), // `NaN` and the infinities are written as null
            Form::Number(_) => Ok(convert(member.parse().unwrap_or(f64::NAN))),
            _ => Err(PROBLEM),
        }
    })
}

fn integers<T>(payload: Payload<'_>, convert: impl Fn(i128) -> T) -> Result<Vec<T>, Problem> {
    const PROBLEM: Problem = Problem::Payload {
        of: "a typed array of BigInts",
        expected: "an array of integers as text",
    };
    members(payload, PROBLEM, |member| {
        let mut cursor = Cursor::new(member);
        if cursor.peek() != Some(b'"') {
            return Err(PROBLEM);
        }
        let member = payload::big_int(Some(cursor))?;
        i128::try_from(member).map(&convert).map_err(|_| PROBLEM)
    })
}

fn members<T>(
    payload: Payload<'_>,
    problem: Problem,
    mut convert: impl FnMut(&str) -> Result<T, Problem>,
) -> Result<Vec<T>, Problem> {
    let mut members = payload.and_then(Members::of_array).ok_or(problem)?;
    let mut converted = Vec::new();
    while members.advance() {
        converted.push(convert(members.cursor.value())?);
    }
    Ok(converted)
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
        let parse = |kind| read(kind, Some(Cursor::new(payload))).unwrap();
        assert_eq!(
            parse(TypedArrayKind::BigInt64),
            TypedArray::BigInt64(vec![-1, -1])
        );
        assert_eq!(
            parse(TypedArrayKind::BigUint64),
            TypedArray::BigUint64(vec![u64::MAX; 2])
        );
    }
}

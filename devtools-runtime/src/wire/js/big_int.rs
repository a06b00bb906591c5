//! JavaScript's `BigInt`, as decimal text.

use std::{fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

use super::{json_number::text_of_number, marker};

/// An integer of any size that is a `BigInt` in JavaScript.
///
/// It stores the canonical decimal digits and has no arithmetic. Convert it from and to Rust's integers.
///
/// ```
/// use devtools_runtime::js;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let nanos: js::BigInt = "1763000000000000001".parse()?;
/// assert_eq!(u64::try_from(&nanos)?, 1_763_000_000_000_000_001);
/// assert_eq!(js::BigInt::from(7_u32).as_str(), "7");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BigInt(Box<str>);

impl BigInt {
    /// Returns the decimal digits, with a `-` before a negative number and without leading zeros.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `true` for `0n`, which is falsy in JavaScript.
    pub fn is_zero(&self) -> bool {
        &*self.0 == "0"
    }
}

impl Default for BigInt {
    fn default() -> Self {
        Self::from(0_u64)
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (digits, negative) = match self.0.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (&*self.0, false),
        };
        formatter.pad_integral(!negative, "", digits)
    }
}

/// The error of parsing a [`BigInt`].
///
/// ```
/// use devtools_runtime::js::{BigInt, ParseBigIntError};
///
/// assert_eq!("12n".parse::<BigInt>(), Err(ParseBigIntError::NotAnInteger));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBigIntError {
    /// The text is not an integer. JavaScript's `BigInt()` refuses it too.
    #[error("the text is not an integer")]
    NotAnInteger,
    /// The integer has more than 127 bits and is written in hexadecimal, octal or binary, or as a number. Only
    /// decimal text may be longer.
    #[error("the integer is too large for its notation")]
    TooLarge,
}

/// Parses what JavaScript's `BigInt(text)` accepts: decimal digits with an optional sign; `0x`, `0o` or `0b` without
/// a sign; white space around them; and the empty text, which is zero.
impl FromStr for BigInt {
    type Err = ParseBigIntError;

    fn from_str(text: &str) -> Result<Self, ParseBigIntError> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
            if let Some(digits) = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)) {
                return from_radix(digits, radix);
            }
        }
        let (digits, negative) = match text.as_bytes().first() {
            Some(b'-') => (&text[1..], true),
            Some(b'+') => (&text[1..], false),
            _ => (text, false),
        };
        let only_a_sign = digits.is_empty() && !text.is_empty();
        if only_a_sign || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseBigIntError::NotAnInteger);
        }
        let digits = digits.trim_start_matches('0');
        Ok(match (digits, negative) {
            ("", _) => Self::default(),
            (digits, false) => Self(digits.into()),
            (digits, true) => Self(format!("-{digits}").into()),
        })
    }
}

fn from_radix(digits: &str, radix: u32) -> Result<BigInt, ParseBigIntError> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(ParseBigIntError::NotAnInteger);
    }
    i128::from_str_radix(digits, radix)
        .map(BigInt::from)
        .map_err(|_| ParseBigIntError::TooLarge)
}

macro_rules! conversions {
    ($($integer:ty),*) => {$(
        impl From<$integer> for BigInt {
            fn from(value: $integer) -> Self {
                Self(value.to_string().into())
            }
        }

        impl TryFrom<&BigInt> for $integer {
            type Error = std::num::ParseIntError;

            fn try_from(value: &BigInt) -> Result<Self, Self::Error> {
                value.0.parse()
            }
        }

        impl TryFrom<BigInt> for $integer {
            type Error = std::num::ParseIntError;

            fn try_from(value: BigInt) -> Result<Self, Self::Error> {
                value.0.parse()
            }
        }
    )*};
}

conversions!(i32, u32, i64, u64, i128, u128);

/// Converts an integral JavaScript number, as `BigInt(number)` does.
impl TryFrom<f64> for BigInt {
    type Error = ParseBigIntError;

    fn try_from(number: f64) -> Result<Self, ParseBigIntError> {
        const LIMIT: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2^127
        if number.fract() != 0.0 {
            return Err(ParseBigIntError::NotAnInteger); // so are NaN and the infinities
        }
        if number.abs() >= LIMIT {
            return Err(ParseBigIntError::TooLarge);
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "integral and below the limit"
        )]
        let integer = number as i128;
        Ok(Self::from(integer))
    }
}

impl Serialize for BigInt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(marker::BIG_INT, &*self.0)
    }
}

impl<'de> Deserialize<'de> for BigInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BigIntVisitor)
    }
}

struct BigIntVisitor;

impl<'de> Visitor<'de> for BigIntVisitor {
    type Value = BigInt;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an integer or its digits")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<BigInt, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<BigInt, E> {
        Ok(value.into())
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<BigInt, E> {
        Ok(value.into())
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<BigInt, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<BigInt, E> {
        BigInt::try_from(value).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<BigInt, E> {
        value.parse().map_err(E::custom)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut number: A) -> Result<BigInt, A::Error> {
        let text = text_of_number(&mut number)?.unwrap_or_default();
        match text.parse::<f64>() {
            // A whole number without a fraction or an exponent keeps all its digits. A number with one of these may
            // still be whole.
            Ok(float) if text.contains(['.', 'e', 'E']) => self.visit_f64(float),
            _ => self.visit_str(&text),
        }
    }
}

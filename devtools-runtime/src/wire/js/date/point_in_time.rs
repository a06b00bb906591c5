//! [`Date`], as a number of milliseconds, as text and as a value of serde.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::js::date::iso::{self, ParseDateError};
use crate::wire::js::{json_number, marker};

/// A point in time that is a `Date` in JavaScript.
///
/// It counts milliseconds since 1970, and its range is 100,000,000 days in both directions, as in JavaScript. It is
/// never invalid; a [`Value`](crate::js::Value) can hold an invalid date.
///
/// Its `Display` writes the text of `toISOString`. Reads a `Date`, an ISO 8601 text or a number of milliseconds.
///
/// ```
/// use std::time::SystemTime;
///
/// use devtools_runtime::js;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let day: js::Date = "1970-01-02".parse()?;
/// assert_eq!(day.to_string(), "1970-01-02T00:00:00.000Z");
/// assert!(SystemTime::from(day) < SystemTime::now());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    millis: i64,
}

impl Date {
    /// The earliest date, `-271821-04-20T00:00:00.000Z`.
    pub const MIN: Self = Self {
        millis: -8_640_000_000_000_000,
    };
    /// The latest date, `+275760-09-13T00:00:00.000Z`.
    pub const MAX: Self = Self {
        millis: 8_640_000_000_000_000,
    };
    /// The start of 1970, in UTC.
    pub const UNIX_EPOCH: Self = Self { millis: 0 };

    /// Creates the date that is this many milliseconds after 1970. Returns `None` outside of [`Date::MIN`] to
    /// [`Date::MAX`].
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis < Self::MIN.millis || millis > Self::MAX.millis {
            return None;
        }
        Some(Self { millis })
    }

    /// Creates a date as JavaScript's `new Date(number)` does. Fractions are cut off. Returns `None` for an invalid
    /// date.
    pub fn from_number(millis: f64) -> Option<Self> {
        if !millis.is_finite() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, which is out of range too"
        )]
        Self::from_millis(millis as i64)
    }

    /// Returns the milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.millis
    }
}

/// Fails with [`ParseDateError::OutOfRange`] if the time is out of the range of [`Date`].
impl TryFrom<SystemTime> for Date {
    type Error = ParseDateError;

    fn try_from(time: SystemTime) -> Result<Self, ParseDateError> {
        let millis = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).ok(),
            Err(before) => i64::try_from(before.duration().as_millis())
                .ok()
                .map(|millis| -millis),
        };
        millis
            .and_then(Self::from_millis)
            .ok_or(ParseDateError::OutOfRange)
    }
}

impl From<Date> for SystemTime {
    fn from(date: Date) -> Self {
        let distance = Duration::from_millis(date.millis.unsigned_abs());
        if date.millis < 0 {
            Self::UNIX_EPOCH - distance
        } else {
            Self::UNIX_EPOCH + distance
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        iso::write(self.millis, formatter)
    }
}

/// Parses ISO 8601 as JavaScript does: a date without time is midnight in UTC, and a year may have a sign and six
/// digits. A time needs a zone, because without one its meaning depends on the machine.
impl FromStr for Date {
    type Err = ParseDateError;

    fn from_str(text: &str) -> Result<Self, ParseDateError> {
        let millis = iso::parse(text)?;
        Self::from_millis(millis).ok_or(ParseDateError::OutOfRange)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Iso(Date);

        impl Serialize for Iso {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self.0)
            }
        }

        serializer.serialize_newtype_struct(marker::DATE, &Iso(*self))
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl<'de> Visitor<'de> for DateVisitor {
    type Value = Date;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a date")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Date, E> {
        Date::from_millis(millis).ok_or_else(|| E::custom(ParseDateError::OutOfRange))
    }

    fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Date, E> {
        self.visit_i64(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Date, E> {
        Date::from_number(millis).ok_or_else(|| E::custom(ParseDateError::OutOfRange))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut number: A) -> Result<Date, A::Error> {
        let text = json_number::text_of_number(&mut number)?.unwrap_or_default();
        self.visit_f64(text.parse().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_print_and_parse_over_the_whole_range() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
            (Date::MIN.millis(), "-271821-04-20T00:00:00.000Z"),
            (Date::MAX.millis(), "+275760-09-13T00:00:00.000Z"),
        ] {
            let date = Date::from_millis(millis).unwrap();
            assert_eq!(date.to_string(), text);
            assert_eq!(text.parse(), Ok(date));
            assert_eq!(Date::try_from(SystemTime::from(date)), Ok(date));
        }
        for step in -2000..2000 {
            let date = Date::from_millis(step * 4_319_999_999_999).unwrap();
            assert_eq!(date.to_string().parse(), Ok(date));
        }
    }

    #[test]
    fn other_iso_forms_parse_as_in_javascript() {
        for (text, iso) in [
            ("2020", "2020-01-01T00:00:00.000Z"),
            ("2020-05", "2020-05-01T00:00:00.000Z"),
            ("+010000-06", "+010000-06-01T00:00:00.000Z"),
            ("2020-01-01T24:00:00Z", "2020-01-02T00:00:00.000Z"),
            ("2020-01-01T00:00Z", "2020-01-01T00:00:00.000Z"),
            ("2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00.000Z"),
            ("2020-01-01T00:00:00.5-01:30", "2020-01-01T01:30:00.500Z"),
            ("2020-01-01T00:00:00.1239999Z", "2020-01-01T00:00:00.123Z"),
        ] {
            assert_eq!(
                text.parse::<Date>().map(|date| date.to_string()).as_deref(),
                Ok(iso)
            );
        }
    }

    #[test]
    fn what_is_no_date_says_why() {
        for (text, error) in [
            ("2020-01-01T00:00:00", ParseDateError::NoZone),
            ("+275760-09-13T00:00:00.001Z", ParseDateError::OutOfRange),
            ("2020-13-01", ParseDateError::OutOfRange),
            ("2015-02-29", ParseDateError::OutOfRange),
            ("2020-01-01T24:00:01Z", ParseDateError::OutOfRange),
            ("-000000-01-01T00:00:00.000Z", ParseDateError::NotIso),
            ("2020-01-01T00:00:00.Z", ParseDateError::NotIso),
            ("2020-01-01 00:00:00Z", ParseDateError::NotIso),
            ("2020-1-1", ParseDateError::NotIso),
            ("Thu, 01 Jan 1970 00:00:00 GMT", ParseDateError::NotIso),
            ("", ParseDateError::NotIso),
            ("é020-01-01", ParseDateError::NotIso),
        ] {
            assert_eq!(text.parse::<Date>(), Err(error), "{text}");
        }
    }
}

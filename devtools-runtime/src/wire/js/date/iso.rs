//! Dates as ISO 8601 text, as JavaScript writes and parses them.

use std::fmt;

use super::calendar::CivilDate;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The error of parsing a [`Date`](super::Date).
///
/// ```
/// use devtools_runtime::js::{Date, ParseDateError};
///
/// assert_eq!("2026-02-30T10:00:00Z".parse::<Date>(), Err(ParseDateError::OutOfRange));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDateError {
    /// The text is not ISO 8601 with separators.
    #[error("the date is not in ISO 8601 form")]
    NotIso,
    /// The time has no zone, so it would be another moment on each machine.
    #[error("the time has no zone, such as `Z` or `+01:00`")]
    NoZone,
    /// The day or the time does not exist, or is out of the range of JavaScript's dates.
    #[error("there is no such date")]
    OutOfRange,
}

/// Writes `millis` as `toISOString` does.
pub(super) fn write(millis: i64, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let CivilDate { year, month, day } = CivilDate::from_1970(millis.div_euclid(DAY));
    let time = millis.rem_euclid(DAY);
    match year {
        0..=9999 => write!(formatter, "{year:04}")?,
        _ => write!(formatter, "{year:+07}")?,
    }
    let (hour, minute) = (time / HOUR, time % HOUR / MINUTE);
    let (second, millis) = (time % MINUTE / SECOND, time % SECOND);
    write!(
        formatter,
        "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
    )
}

/// Returns the milliseconds since 1970. The range of dates is not checked.
pub(super) fn parse(text: &str) -> Result<i64, ParseDateError> {
    let mut rest = IsoText(text.as_bytes());
    let day = rest.day().ok_or(ParseDateError::NotIso)?;
    if !day.exists() {
        return Err(ParseDateError::OutOfRange);
    }
    let midnight = day.since_1970() * DAY;
    if rest.0.is_empty() {
        return Ok(midnight);
    }
    let time = rest.time().ok_or(ParseDateError::NotIso)??;
    if rest.0.is_empty() {
        return Err(ParseDateError::NoZone);
    }
    let offset = rest.zone().ok_or(ParseDateError::NotIso)??;
    if !rest.0.is_empty() {
        return Err(ParseDateError::NotIso);
    }
    Ok(midnight + time - offset)
}

/// The rest of the text. Each method parses its part from the front, or returns `None`.
struct IsoText<'a>(&'a [u8]);

impl IsoText<'_> {
    fn eat(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// Parses a number with exactly this many digits.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let number = digits.iter().try_fold(0, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + i64::from(digit - b'0'))
        })?;
        self.0 = rest;
        Some(number)
    }

    /// Parses `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. The year may also be `±YYYYYY`.
    fn day(&mut self) -> Option<CivilDate> {
        let year = if self.eat(b'+').is_some() {
            self.digits(6)?
        } else if self.eat(b'-').is_some() {
            -Some(self.digits(6)?).filter(|year| *year != 0)?
        } else {
            self.digits(4)?
        };
        let mut day = CivilDate {
            year,
            month: 1,
            day: 1,
        };
        if self.eat(b'-').is_some() {
            day.month = self.digits(2)?;
            if self.eat(b'-').is_some() {
                day.day = self.digits(2)?;
            }
        }
        Some(day)
    }

    /// Parses `THH:MM`, `THH:MM:SS` or `THH:MM:SS.s…` as milliseconds since midnight.
    fn time(&mut self) -> Option<Result<i64, ParseDateError>> {
        self.eat(b'T')?;
        let hour = self.digits(2)?;
        self.eat(b':')?;
        let minute = self.digits(2)?;
        let (mut second, mut millis) = (0, 0);
        if self.eat(b':').is_some() {
            second = self.digits(2)?;
            if self.eat(b'.').is_some() {
                millis = self.fraction()?;
            }
        }
        let time = hour * HOUR + minute * MINUTE + second * SECOND + millis;
        let exists = minute < 60 && second < 60 && time <= DAY; // 24:00 is the end of the day
        Some(if exists {
            Ok(time)
        } else {
            Err(ParseDateError::OutOfRange)
        })
    }

    /// Parses one or more digits of a fraction. Digits beyond milliseconds are ignored.
    fn fraction(&mut self) -> Option<i64> {
        let mut millis = self.digits(1)? * 100;
        for unit in [10, 1] {
            millis += self.digits(1).unwrap_or(0) * unit;
        }
        while self.digits(1).is_some() {}
        Some(millis)
    }

    /// Parses `Z` or `±HH:MM` as milliseconds east of UTC.
    fn zone(&mut self) -> Option<Result<i64, ParseDateError>> {
        if self.eat(b'Z').is_some() {
            return Some(Ok(0));
        }
        let sign = if self.eat(b'+').is_some() {
            1
        } else {
            self.eat(b'-').map(|()| -1)?
        };
        let hour = self.digits(2)?;
        self.eat(b':')?;
        let minute = self.digits(2)?;
        let exists = hour < 24 && minute < 60;
        let offset = sign * (hour * HOUR + minute * MINUTE);
        Some(if exists {
            Ok(offset)
        } else {
            Err(ParseDateError::OutOfRange)
        })
    }
}

//! The payloads of records that contain their whole content.
//!
//! JavaScript's constructors accept payloads of other shapes. These are read the same way only where the meaning is
//! clear.

use std::borrow::Cow;

use super::{
    error::Problem,
    form::{RecordForm, RecordPayload},
    scan::{Cursor, JsonMembers, unescape},
};
use crate::wire::js::{BigInt, Date, ParseDateError};

/// Reads a date from a payload. Returns `None` for an invalid date.
pub(super) fn date(payload: RecordPayload<'_>) -> Result<Option<Date>, Problem> {
    match payload.map(RecordForm::of_json) {
        Some(RecordForm::String(text)) => {
            let text = text.content();
            match text.parse() {
                Ok(date) => Ok(Some(date)),
                // Without a digit the text is a date in no form that engines understand.
                Err(ParseDateError::NotIso) if !text.bytes().any(|b| b.is_ascii_digit()) => {
                    Ok(None)
                }
                Err(error) => Err(error.into()),
            }
        }
        Some(RecordForm::Number(text)) => Ok(Date::from_number(text.parse().unwrap_or(f64::NAN))),
        Some(RecordForm::Null) => Ok(Some(Date::UNIX_EPOCH)),
        Some(RecordForm::Object(..)) | None => Ok(None),
        Some(_) => Err(Problem::Payload {
            of: "a Date",
            expected: "a date",
        }),
    }
}

/// Reads the payload of a `BigInt`.
pub(super) fn big_int(payload: RecordPayload<'_>) -> Result<BigInt, Problem> {
    match payload.map(RecordForm::of_json) {
        Some(RecordForm::String(text)) => Ok(text.content().parse()?),
        Some(RecordForm::Number(text)) => match text.parse::<i64>() {
            Ok(integer) if integer.unsigned_abs() <= 1 << 53 => Ok(integer.into()),
            _ => Ok(BigInt::try_from(text.parse().unwrap_or(f64::NAN))?),
        },
        Some(RecordForm::Bool(value)) => Ok(i32::from(value).into()),
        _ => Err(Problem::Payload {
            of: "a BigInt",
            expected: "an integer",
        }),
    }
}

/// Reads the name and the message from the payload of an `Error`.
pub(super) fn error(payload: RecordPayload<'_>) -> Result<(Cow<'_, str>, Cow<'_, str>), Problem> {
    let problem = |expected| Problem::Payload {
        of: "an Error",
        expected,
    };
    let [name, message] = properties(payload, ["name", "message"]).ok_or(problem("an object"))?;
    let name = match name.map(of_text) {
        Some(RecordForm::String(text)) => text.content(),
        _ => "Error".into(),
    };
    // JavaScript's `AggregateError` takes an iterable of errors as its first argument, not a message.
    let name = if name == "AggregateError" {
        "Error".into()
    } else {
        name
    };
    let message = match message.map(of_text) {
        None => "".into(),
        Some(RecordForm::String(text)) => text.content(),
        Some(RecordForm::Number(text)) => {
            let number = text.parse().unwrap_or(f64::NAN);
            ryu_js::Buffer::new().format(number).to_owned().into()
        }
        Some(RecordForm::Bool(value)) => value.to_string().into(),
        Some(RecordForm::Null) => "null".into(),
        Some(RecordForm::Object(..)) => "[object Object]".into(),
        Some(_) => return Err(problem("a message")),
    };
    Ok((name, message))
}

/// Reads the source and the flags from the payload of a `RegExp`.
pub(super) fn reg_exp(payload: RecordPayload<'_>) -> Result<(Cow<'_, str>, Cow<'_, str>), Problem> {
    let problem = |expected| Problem::Payload {
        of: "a RegExp",
        expected,
    };
    let [source, flags] = properties(payload, ["source", "flags"]).ok_or(problem("an object"))?;
    let source = match source.map(of_text) {
        None => "(?:)".into(),
        Some(RecordForm::String(text)) => text.content(),
        Some(_) => return Err(problem("a source")),
    };
    let flags = match flags.map(of_text) {
        None => "".into(),
        Some(RecordForm::String(text)) => text.content(),
        Some(_) => return Err(problem("flags")),
    };
    let known = flags.chars().enumerate().all(|(index, flag)| {
        "dgimsuvy".contains(flag) && !flags.chars().skip(index + 1).any(|other| other == flag)
    });
    if !known || (flags.contains('u') && flags.contains('v')) {
        return Err(problem("flags that exist"));
    }
    Ok((source, flags))
}

/// Returns the texts of these properties if the payload is an object. If a name is repeated, the last one is used.
fn properties<'d, const N: usize>(
    payload: RecordPayload<'d>,
    names: [&str; N],
) -> Option<[Option<&'d str>; N]> {
    let mut found = [None; N];
    let mut members = JsonMembers::of_object(payload?)?;
    while let Some((key, value)) = members.property() {
        let key = unescape(key);
        if let Some(index) = names.iter().position(|name| *name == key) {
            found[index] = Some(value);
        }
    }
    Some(found)
}

fn of_text(text: &str) -> RecordForm<'_> {
    RecordForm::of_json(Cursor::new(text))
}

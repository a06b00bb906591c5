//! Reads and writes JSON text with the limits of this crate instead of those of `serde_json`, because other crates of
//! the program decide which features of `serde_json` are enabled.

use std::cell::Cell;
use std::{io, mem, str};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize as _, Serialize};
use serde_json::de::StrRead;
use serde_json::ser::Formatter;

use crate::wire::json_check::{RefusedJson, check, too_deep};
use crate::wire::structured_clone::{Document, MAX_DEPTH};
use crate::wire::surrogates::{has_lone_surrogate, well_formed};

/// Whether the feature `arbitrary_precision` of `serde_json` is on. Its numbers are then stored as text.
///
/// Types with `#[serde(flatten)]`, `untagged` and `tag` store a value of any kind before they read it. With that
/// feature, they get each number as a map and refuse it. A text that is refused for this reason is read again by this
/// crate's own codec, which passes numbers on as numbers.
pub(crate) const NUMBERS_HAVE_TEXT: bool =
    size_of::<serde_json::Number>() > size_of::<Option<u64>>();

/// The error of reading or writing JSON text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Refused(#[from] RefusedJson),
}

/// Reads a value that is nested at most [`MAX_DEPTH`] levels deep.
///
/// `NaN` and the infinities are written as `null`, because JSON does not have them. So `null` reads as `NaN` where a
/// float is expected.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    check(text, MAX_DEPTH)?;
    let read: Result<T, serde_json::Error> = with_well_formed(text, |text| {
        let mut json = deserializer(text);
        let value = T::deserialize(&mut json)?;
        json.end()?;
        Ok(value)
    });
    match read {
        Err(error) if NUMBERS_HAVE_TEXT && error.is_data() || is_null_for_float(&error) => {
            // The reader stopped at the error, so it has not seen the rest of the text.
            with_well_formed(text, |text| {
                let mut whole = deserializer(text);
                IgnoredAny::deserialize(&mut whole)?;
                whole.end()
            })?;
            let document = Document::of_json(text);
            document.root().read().map_err(|_| JsonError::from(error))
        }
        read => Ok(read?),
    }
}

fn is_null_for_float(error: &serde_json::Error) -> bool {
    let problem = error.to_string();
    ["f32", "f64"].iter().any(|float| {
        problem
            .strip_prefix("invalid type: null, expected ")
            .is_some_and(|expected| expected.starts_with(float))
    })
}

/// Creates a deserializer for a text whose nesting was [checked](crate::wire::json_check::check).
pub(crate) fn deserializer(text: &str) -> serde_json::Deserializer<StrRead<'_>> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.disable_recursion_limit();
    json
}

/// Reads a text with `read`. If that fails, reads it again with U+FFFD in place of unpaired surrogates.
pub(crate) fn with_well_formed<T, E>(
    text: &str,
    read: impl Fn(&str) -> Result<T, E>,
) -> Result<T, E> {
    match read(text) {
        Err(_) if has_lone_surrogate(text) => read(&well_formed(text)),
        read => read,
    }
}

/// Writes a value that is nested at most `levels` deep.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, levels: usize) -> Result<String, JsonError> {
    write_text(|text| push_value(text, value, levels))
}

/// Appends a value that is nested at most `levels` deep.
pub(super) fn push_value<T: Serialize + ?Sized>(
    text: &mut Vec<u8>,
    value: &T,
    levels: usize,
) -> Result<(), JsonError> {
    let limited = Limited { depth: 0, levels };
    let mut serializer = serde_json::Serializer::with_formatter(&mut *text, limited);
    match value.serialize(&mut serializer) {
        Ok(()) => Ok(()),
        Err(error) if error.is_io() => Err(RefusedJson::TooDeep(text.len()).into()),
        Err(error) => Err(error.into()),
    }
}

/// The largest buffer in bytes that a thread stores for the next text.
const STORED_BYTES: usize = 16 * 1024;

thread_local! {
    /// The buffer in which texts are written, so that a text takes one allocation of its own size. While a text is
    /// written, an empty buffer is stored here.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Returns the text that `write` appends to a buffer.
pub(super) fn write_text(
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), JsonError>,
) -> Result<String, JsonError> {
    let mut buffer = take_buffer();
    let written = write(&mut buffer);
    finish_text(buffer, written)
}

/// Returns the text in a buffer, and stores the buffer. It is not generic, so that little is compiled for each type.
fn finish_text(mut buffer: Vec<u8>, written: Result<(), JsonError>) -> Result<String, JsonError> {
    let text = written.and_then(|()| {
        if buffer.len() > STORED_BYTES {
            let text = String::from_utf8(mem::take(&mut buffer));
            return text.map_err(|error| not_utf8(error).into());
        }
        let text = str::from_utf8(&buffer).map_err(not_utf8)?;
        Ok(text.to_owned())
    });
    store_buffer(buffer);
    text
}

/// Calls `run` with an empty buffer.
pub(super) fn with_buffer<R>(run: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut buffer = take_buffer();
    let result = run(&mut buffer);
    store_buffer(buffer);
    result
}

fn take_buffer() -> Vec<u8> {
    // A thread that ends has no buffer any more.
    BUFFER.try_with(Cell::take).unwrap_or_default()
}

fn store_buffer(mut buffer: Vec<u8>) {
    if buffer.capacity() <= 2 * STORED_BYTES {
        buffer.clear();
        // A thread that ends has no buffer any more.
        let _ = BUFFER.try_with(|stored| stored.set(buffer));
    }
}

/// Returns the error for a value that writes bytes which are not UTF-8.
pub(super) fn not_utf8(error: impl std::fmt::Display) -> serde_json::Error {
    serde::ser::Error::custom(error)
}

/// A formatter for compact JSON that fails if the value is nested too deep.
struct Limited {
    depth: usize,
    levels: usize,
}

impl Limited {
    fn enter(&mut self) -> io::Result<()> {
        if self.depth == self.levels {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.depth += 1;
        Ok(())
    }
}

impl Formatter for Limited {
    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter()?;
        writer.write_all(b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter()?;
        writer.write_all(b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn write_raw_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if too_deep(fragment, self.levels - self.depth).is_some() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        writer.write_all(fragment.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{read, write};
    use crate::wire::json_check::tests::nested;

    #[test]
    fn a_writer_stops_at_its_limit_and_looks_into_raw_text() {
        let value: Box<RawValue> = serde_json::from_str(&nested(128)).unwrap();
        assert_eq!(write(&value, 128).unwrap(), nested(128));
        assert_eq!(write(&[&value], 129).unwrap(), format!("[{}]", nested(128)));
        let error = write(&[&value], 128).unwrap_err().to_string();
        assert!(error.contains("`Limits::DEPTH`"), "{error}");
        let deep = (0..200).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        let error = write(&deep, 128).unwrap_err().to_string();
        assert!(error.contains("`Limits::DEPTH`"), "{error}");
    }

    #[test]
    fn a_number_is_no_map_to_whoever_takes_any_value() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(untagged)]
        enum Any {
            Number(f64),
            Text(String),
        }

        let any = |text| read::<Any>(text).unwrap();
        assert_eq!(any("0.75"), Any::Number(0.75));
        assert_eq!(
            any("18446744073709551615"),
            Any::Number(18_446_744_073_709_551_615.0)
        );
        assert_eq!(any("\"a\""), Any::Text("a".to_owned()));
        read::<Any>("0.75 1").unwrap_err();
        read::<Any>("[1]").unwrap_err();
        // A number without a text does not know how it was written.
        let number: serde_json::Number = serde_json::from_str("1e2").unwrap();
        assert_eq!(super::NUMBERS_HAVE_TEXT, number.to_string().contains('e'));
    }

    #[test]
    fn null_is_a_float_and_nothing_else() {
        assert!(read::<f64>("null").unwrap().is_nan());
        read::<f64>("null 1").unwrap_err();
        let (a, b): (f32, Option<f64>) = read("[null,null]").unwrap();
        assert!(a.is_nan() && b.is_none());
        read::<u64>("null").unwrap_err();
        read::<(f64, String)>("[null,null]").unwrap_err();
        assert_eq!(read::<String>(r#""\ud800""#).unwrap(), "\u{fffd}");
    }
}

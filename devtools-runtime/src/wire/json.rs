//! Reads and writes JSON text with the limits of this crate instead of those of `serde_json`, because other crates of
//! the program decide which features of `serde_json` are enabled.

use std::io;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize as _, Serialize};
use serde_json::de::StrRead;
use serde_json::ser::Formatter;

use crate::wire::reserved::PRIVATE;
use crate::wire::structured_clone::{Document, MAX_DEPTH, unescape};
use crate::wire::surrogates::{has_lone_surrogate, well_formed};

/// Whether the feature `arbitrary_precision` is on, by which a number has its text.
///
/// Types that take a value of any kind first, and look at it afterwards, get each number as a map then, and refuse it: those
/// with `#[serde(flatten)]`, `untagged` and `tag`. What is refused is read again by this crate's own codec, whose numbers are
/// numbers.
pub(crate) const NUMBERS_HAVE_TEXT: bool =
    size_of::<serde_json::Number>() > size_of::<Option<u64>>();

/// The error of reading or writing JSON text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// A part of a JSON text that is refused, with its byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the value is nested deeper than {MAX_DEPTH} levels (`Limits::DEPTH`)")]
    TooDeep(usize),
    #[error("a key begins with `{PRIVATE}`, which is reserved")]
    Private(usize),
}

impl Refused {
    /// Returns the byte offset.
    pub(crate) fn at(self) -> usize {
        let (Self::TooDeep(at) | Self::Private(at)) = self;
        at
    }
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

/// Creates a deserializer for a text whose nesting was [checked](check).
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

/// Checks that a JSON text is nested at most `levels` deep, and that it has no key that is reserved by `serde_json`.
pub(crate) fn check(text: &str, levels: usize) -> Result<(), Refused> {
    if let Some(at) = too_deep(text, levels) {
        return Err(Refused::TooDeep(at));
    }
    match private_key(text) {
        Some(at) => Err(Refused::Private(at)),
        None => Ok(()),
    }
}

/// Returns the byte offset at which a text is nested deeper than `levels`.
pub(crate) fn too_deep(text: &str, levels: usize) -> Option<usize> {
    // Each level needs two brackets, so short texts need no scan.
    if text.len() <= 2 * levels {
        return None;
    }
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at),
            b'[' | b'{' if depth == levels => return Some(at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Returns the offset of the quote that ends the string which begins at `open`, or the end of the text.
fn end_of_string(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(step) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'\\')))
    {
        at += step;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// Returns the byte offset of the first key with the prefix [`PRIVATE`].
fn private_key(text: &str) -> Option<usize> {
    // The `$` of the prefix is rare, and JSON has two ways to write it.
    if !text.contains('$') && !text.contains("\\u0024") {
        return None;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(step) = bytes.get(at..)?.iter().position(|byte| *byte == b'"') {
        let open = at + step;
        let end = end_of_string(bytes, open);
        let quoted = text.get(open..=end).unwrap_or_default();
        let rest = text.get(end + 1..).unwrap_or_default();
        if rest.trim_start().starts_with(':') && unescape(quoted).starts_with(PRIVATE) {
            return Some(open);
        }
        at = end + 1;
    }
    None
}

/// Writes a value that is nested at most `levels` deep.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, levels: usize) -> Result<String, JsonError> {
    let mut text = Vec::with_capacity(128);
    let limited = Limited { depth: 0, levels };
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, limited);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8(text)
            .map_err(|error| <serde_json::Error as serde::ser::Error>::custom(error).into()),
        Err(error) if error.is_io() => Err(Refused::TooDeep(text.len()).into()),
        Err(error) => Err(error.into()),
    }
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

    use super::{Refused, check, read, write};

    fn nested(levels: usize) -> String {
        format!(
            "{}{}",
            "[{\"]\":".repeat(levels / 2),
            "}]".repeat(levels / 2)
        )
        .replace(":}", ":0}")
    }

    #[test]
    fn nesting_is_counted_outside_of_strings() {
        assert_eq!(check(&nested(128), 128), Ok(()));
        assert_eq!(check(&nested(130), 128), Err(Refused::TooDeep(64 * 6)));
        assert_eq!(check(&"[".repeat(100_000), 128), Err(Refused::TooDeep(128)));
        let text = format!("[\"{}\"]", "[\\\"".repeat(1_000));
        assert_eq!(check(&text, 1), Ok(()));
        let shallow = vec!["[[]]"; 1_000].join(",");
        assert_eq!(check(&format!("[{shallow}]"), 3), Ok(()));
        assert_eq!(check(&format!("[{shallow}]"), 2), Err(Refused::TooDeep(2)));
    }

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
    fn only_keys_are_reserved() {
        for text in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"[{"a":1,"\u0024serde_json\u003a:private::RawValue" : "1"}]"#,
        ] {
            assert!(
                matches!(check(text, 128), Err(Refused::Private(_))),
                "{text}"
            );
        }
        for text in [
            r#"["$serde_json::private::Number"]"#,
            r#"{"$":1,"a":"$serde_json::private::Number\":"}"#,
        ] {
            assert_eq!(check(text, 128), Ok(()), "{text}");
        }
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

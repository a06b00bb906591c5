//! Reads an envelope as peers write it: JSON without white space, whose name, id and type are strings without escapes.
//!
//! Nearly all frames are in this form. It is read in one pass, without a general parser. All other frames, and frames
//! that are not valid JSON, are left to the general parser, which also describes the mistake in a frame.

use crate::wire::literal::literal_bytes;

/// The fields of an envelope in plain form. The values are JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct PlainFrame<'a> {
    pub(super) is_request: bool,
    pub(super) method: Option<&'a str>,
    pub(super) arguments: Option<&'a str>,
    pub(super) optional: bool,
    pub(super) id: Option<&'a str>,
    pub(super) result: Option<&'a str>,
}

impl<'a> PlainFrame<'a> {
    /// Reads a frame. Returns `None` if it is not in plain form. If a key is repeated, the last one is used.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut frame = Self::default();
        let mut at = end_of_word(bytes, 0, b"{")?;
        loop {
            let [b'"', key, b'"', b':', ..] = *bytes.get(at..)? else {
                return None;
            };
            let start = at + 4;
            at = match key {
                b'm' | b't' | b'i' => {
                    let end = start + 1 + literal_bytes(bytes.get(start + 1..)?);
                    if bytes[start] != b'"' || bytes.get(end) != Some(&b'"') {
                        return None;
                    }
                    let content = text.get(start + 1..end)?;
                    match key {
                        b'm' => frame.method = Some(content),
                        b'i' => frame.id = Some(content),
                        _ => frame.is_request = content == "q",
                    }
                    end + 1
                }
                b'a' | b'r' => {
                    let end = end_of_value(bytes, start)?;
                    let value = Some(text.get(start..end)?);
                    match key {
                        b'a' => frame.arguments = value,
                        _ => frame.result = value,
                    }
                    end
                }
                b'o' => {
                    frame.optional = true;
                    end_of_word(bytes, start, b"true")?
                }
                _ => return None,
            };
            match bytes.get(at)? {
                b',' => at += 1,
                b'}' if at + 1 == bytes.len() => return Some(frame),
                _ => return None,
            }
        }
    }
}

/// Returns the end of the value that begins at `at`. `None` if it is not valid, has white space, or is nested very deep.
fn end_of_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    // One bit for each container around the value: 0 for an array, 1 for an object, the innermost in the lowest bit.
    // A 1 above them marks the end.
    let mut around = 1_u64;
    loop {
        let enter = |kind: u64| (around.leading_zeros() > 0).then_some(around << 1 | kind);
        at = match (*bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => end_of_string(bytes, at + 1)?,
            (b'[', Some(b']')) | (b'{', Some(b'}')) => at + 2,
            (b'[', _) => {
                around = enter(0)?;
                at += 1;
                continue;
            }
            (b'{', _) => {
                around = enter(1)?;
                at = end_of_key(bytes, at + 1)?;
                continue;
            }
            (b't', _) => end_of_word(bytes, at, b"true")?,
            (b'f', _) => end_of_word(bytes, at, b"false")?,
            (b'n', _) => end_of_word(bytes, at, b"null")?,
            _ => end_of_number(bytes, at)?,
        };
        loop {
            if around == 1 {
                return Some(at);
            }
            at = match (*bytes.get(at)?, around & 1) {
                (b',', 0) => break at += 1,
                (b',', _) => break at = end_of_key(bytes, at + 1)?,
                (b']', 0) | (b'}', 1) => at + 1,
                _ => return None,
            };
            around >>= 1;
        }
    }
}

/// Returns the end of a key and its colon.
fn end_of_key(bytes: &[u8], at: usize) -> Option<usize> {
    let end = end_of_string(bytes, end_of_word(bytes, at, b"\"")?)?;
    end_of_word(bytes, end, b":")
}

fn end_of_word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes
        .get(at..)?
        .starts_with(word)
        .then_some(at + word.len())
}

fn end_of_number(bytes: &[u8], mut at: usize) -> Option<usize> {
    let digits = |at: usize| {
        let is_other = |byte: &u8| !byte.is_ascii_digit();
        let rest = bytes.get(at..)?;
        let count = rest.iter().position(is_other).unwrap_or(rest.len());
        (count > 0).then_some(at + count)
    };
    at += usize::from(bytes.get(at) == Some(&b'-'));
    at = match bytes.get(at)? {
        b'0' => at + 1,
        _ => digits(at)?,
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let is_signed = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        at = digits(at + 1 + usize::from(is_signed))?;
    }
    Some(at)
}

/// Returns the end of the string whose content begins at `at`, behind its quote.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += literal_bytes(bytes.get(at..)?);
        let [special, rest @ ..] = bytes.get(at..)? else {
            return None;
        };
        at += match (special, rest) {
            (b'"', _) => return Some(at + 1),
            (b'\\', [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..]) => 2,
            (b'\\', [b'u', a, b, c, d, ..])
                if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                6
            }
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{PlainFrame, end_of_value};

    #[test]
    fn values_end_where_the_parser_says() {
        const VALUES: [&str; 40] = [
            "0",
            "-0",
            "12",
            "-1.5",
            "1e9",
            "1E+9",
            "1e-9",
            "0.1e1",
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "1e+",
            "+1",
            "true",
            "tru",
            "false",
            "null",
            "nul",
            r#""""#,
            r#""a""#,
            r#""\"""#,
            r#""\u00e9\n""#,
            r#""\u00g9""#,
            r#""\x""#,
            "\"a\u{1}\"",
            "\"é, 🦀 and more\"",
            "[]",
            "[1,2]",
            "[1,]",
            "[,1]",
            "[1 ,2]",
            "[1}",
            "{}",
            r#"{"a":[{"b":1},null],"c":"}"}"#,
            r#"{"a"}"#,
            "{a:1}",
            r#"{"a":1,}"#,
            r#""open"#,
        ];

        for value in VALUES {
            for (before, after) in [("", ""), ("[", "]"), ("{\"k\":[0,", "]}")] {
                let text = format!("{before}{value}{after}");
                let parsed = serde_json::from_str::<&RawValue>(&text).is_ok();
                let has_space = value.contains(" ,");
                let end = end_of_value(text.as_bytes(), 0);
                assert_eq!(end == Some(text.len()), parsed && !has_space, "{text}");
            }
        }
        let deep = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert_eq!(end_of_value(deep.as_bytes(), 0), Some(128));
        assert_eq!(end_of_value(format!("[{deep}]").as_bytes(), 0), None);
    }

    #[test]
    fn other_frames_are_left_to_the_parser() {
        let plain = r#"{"m":"a:b","a":[1],"t":"q","o":true,"i":"x"}"#;
        let frame = PlainFrame::read(plain).unwrap();
        assert_eq!(
            frame,
            PlainFrame {
                is_request: true,
                method: Some("a:b"),
                arguments: Some("[1]"),
                optional: true,
                id: Some("x"),
                result: None,
            }
        );
        for other in [
            "",
            "{}",
            "{",
            r#"{"t":"q"} "#,
            r#"{ "t":"q"}"#,
            r#"{"t":"q",}"#,
            r#"{"t":"\u0071"}"#,
            r#"{"t":"q","i":1}"#,
            r#"{"t":"q","o":1}"#,
            r#"{"t":"s","e":null}"#,
            r#"{"t":"q","traceparent":"00"}"#,
            r#"{"t":"q","a":[1}"#,
            r#""t":"q"}"#,
            r#"{"m":"a"#,
        ] {
            assert_eq!(PlainFrame::read(other), None, "{other}");
        }
    }
}

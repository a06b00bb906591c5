//! Unpaired surrogates, which JavaScript strings may contain and Rust strings may not.
//!
//! JSON writes an unpaired surrogate as an escape such as `\ud800`. Both codecs read it as U+FFFD, as JavaScript does
//! when it converts text to UTF-8.

use std::borrow::Cow;

use memchr::memchr;

/// Returns `true` if a string in this JSON text contains an unpaired surrogate.
pub(crate) fn has_lone_surrogate(json: &str) -> bool {
    next_lone(json, 0).is_some()
}

/// Replaces each unpaired surrogate in a JSON text with U+FFFD.
pub(crate) fn well_formed(json: &str) -> Cow<'_, str> {
    let Some(first) = next_lone(json, 0) else {
        return Cow::Borrowed(json);
    };
    let mut text = String::with_capacity(json.len());
    let mut copied = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        text.push_str(&json[copied..at]);
        text.push_str("\\ufffd");
        copied = at + ESCAPE;
        next = next_lone(json, copied);
    }
    text.push_str(&json[copied..]);
    Cow::Owned(text)
}

/// The length of an escape such as `\ud800`.
const ESCAPE: usize = 6;

/// Returns the position of the next unpaired surrogate at or after `from`.
fn next_lone(json: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(b'\\', json.as_bytes().get(at..)?)?;
        match code_unit(json, at) {
            Some(0xd800..=0xdbff)
                if matches!(code_unit(json, at + ESCAPE), Some(0xdc00..=0xdfff)) =>
            {
                at += 2 * ESCAPE;
            }
            Some(0xd800..=0xdfff) => return Some(at),
            Some(_) => at += ESCAPE,
            None => at += 2, // some other escape, of which two bytes are enough to pass it
        }
    }
}

/// Returns the code unit of the escape at this position, if there is one.
fn code_unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{has_lone_surrogate, well_formed};

    #[test]
    fn halves_of_pairs_are_replaced_and_nothing_else() {
        for (json, expected) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83c\udf89""#, r#""\ud83c\udf89""#),
            (r#""a\ud800b""#, r#""a\ufffdb""#),
            (r#""\uDC00\uD800""#, r#""\ufffd\ufffd""#),
            (r#""\ud800\ud83c\udf89""#, r#""\ufffd\ud83c\udf89""#),
            (r#"["\\ud800","\\\ud800"]"#, r#"["\\ud800","\\\ufffd"]"#),
            (
                r#"{"\udfff":["\u0041\"\ud9","\ud800\n"]}"#,
                r#"{"\ufffd":["\u0041\"\ud9","\ufffd\n"]}"#,
            ),
        ] {
            assert_eq!(well_formed(json), expected);
            assert_eq!(has_lone_surrogate(json), json != expected, "{json}");
        }
    }
}

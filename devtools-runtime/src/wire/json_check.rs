//! Checks JSON text before it is read: its nesting, and the keys that are reserved.

use memchr::{memchr, memchr2};

use crate::wire::reserved::PRIVATE;
use crate::wire::structured_clone::{MAX_DEPTH, unescape};

/// A part of a JSON text that is refused, with its byte offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefusedJson {
    #[error("the value is nested deeper than {MAX_DEPTH} levels (`Limits::DEPTH`)")]
    TooDeep(usize),
    #[error("a key begins with `{PRIVATE}`, which is reserved")]
    Private(usize),
}

impl RefusedJson {
    /// Returns the byte offset.
    pub(crate) fn at(self) -> usize {
        let (Self::TooDeep(at) | Self::Private(at)) = self;
        at
    }
}

/// Checks that a JSON text is nested at most `levels` deep, and that it has no key that is reserved by `serde_json`.
pub(crate) fn check(text: &str, levels: usize) -> Result<(), RefusedJson> {
    if let Some(at) = too_deep(text, levels) {
        return Err(RefusedJson::TooDeep(at));
    }
    match private_key(text) {
        Some(at) => Err(RefusedJson::Private(at)),
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
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
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
    // JSON can write the `$` of the prefix as itself or as `\u0024`. Both are rare, so most texts need no search for
    // keys.
    let bytes = text.as_bytes();
    memchr2(b'$', b'\\', bytes)?;
    if memchr(b'$', bytes).is_none() && !text.contains("\\u0024") {
        return None;
    }
    let mut at = 0;
    while let Some(step) = memchr(b'"', bytes.get(at..)?) {
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

#[cfg(test)]
pub(super) mod tests {
    use super::{RefusedJson, check};

    /// Returns JSON with this number of levels, and brackets in its keys.
    pub(in crate::wire) fn nested(levels: usize) -> String {
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
        assert_eq!(check(&nested(130), 128), Err(RefusedJson::TooDeep(64 * 6)));
        assert_eq!(
            check(&"[".repeat(100_000), 128),
            Err(RefusedJson::TooDeep(128))
        );
        let text = format!("[\"{}\"]", "[\\\"".repeat(1_000));
        assert_eq!(check(&text, 1), Ok(()));
        let shallow = vec!["[[]]"; 1_000].join(",");
        assert_eq!(check(&format!("[{shallow}]"), 3), Ok(()));
        assert_eq!(
            check(&format!("[{shallow}]"), 2),
            Err(RefusedJson::TooDeep(2))
        );
    }

    #[test]
    fn only_keys_are_reserved() {
        for text in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"[{"a":1,"\u0024serde_json\u003a:private::RawValue" : "1"}]"#,
        ] {
            assert!(
                matches!(check(text, 128), Err(RefusedJson::Private(_))),
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
}

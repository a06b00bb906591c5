//! The parts of JSON strings that are written without escapes.

/// Appends a string with its quotes.
pub(super) fn push_quoted(text: &mut Vec<u8>, content: &str) {
    let bytes = content.as_bytes();
    if literal_bytes(bytes) < bytes.len() {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(text, content);
        return;
    }
    text.push(b'"');
    text.extend_from_slice(bytes);
    text.push(b'"');
}

/// Returns how many bytes come before the first quote, backslash or control character.
pub(super) fn literal_bytes(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;

    let mut count = 0;
    while let Some(chunk) = bytes.get(count..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        // The lowest mark is always right. The borrow of a subtraction can set wrong marks only on the bytes after
        // it.
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let marked = (zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5c)) | control) & HIGH;
        if marked != 0 {
            return count + marked.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    let rest = bytes.get(count..).unwrap_or_default();
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
    count + rest.iter().position(is_special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::{literal_bytes, push_quoted};

    #[test]
    fn special_bytes_are_found_at_each_place() {
        for special in ['"', '\\', '\u{0}', '\u{1f}'] {
            for before in 0..24 {
                let text = format!("é!~\u{7f}{}{special}é\"\\", " ".repeat(before));
                let expected = text.find(special).unwrap();
                assert_eq!(literal_bytes(text.as_bytes()), expected, "{text:?}");
            }
        }
        assert_eq!(literal_bytes("no such byte".as_bytes()), 12);
    }

    #[test]
    fn strings_are_quoted_as_serde_json_does() {
        for content in [
            "",
            "abcdefgh",
            "é🦀\u{7f}",
            "a\"b",
            "\\",
            "line\nline",
            "12345678\u{1}",
        ] {
            let mut text = b"before".to_vec();
            push_quoted(&mut text, content);
            let expected = format!("before{}", serde_json::to_string(content).unwrap());
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}

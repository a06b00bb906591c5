//! Reads JSON text that is known to be valid.
//!
//! [`Document::parse`](super::Document::parse) lets `serde_json` check the syntax of the whole text. So the functions
//! here only find the end of values, and parse what is asked for. For text that is not JSON they return nonsense, but
//! they do return.

use std::borrow::Cow;

use memchr::memchr;

/// A position in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The first byte of the next token.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            let first = self.rest.as_bytes().first().copied()?;
            if !matches!(first, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(first);
            }
            self.rest = &self.rest[1..];
        }
    }

    /// Takes the next token if it is this punctuation mark.
    pub(super) fn eat(&mut self, mark: u8) -> bool {
        let found = self.peek() == Some(mark);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// Takes the next value if it is an integer that can be an index.
    pub(super) fn index(&mut self) -> Option<usize> {
        self.peek();
        let mut index = 0_usize;
        let mut digits = 0;
        for byte in self.rest.bytes() {
            match byte {
                b'0'..=b'9' => {
                    index = index
                        .checked_mul(10)?
                        .checked_add(usize::from(byte - b'0'))?;
                    digits += 1;
                }
                b'.' | b'e' | b'E' => return None,
                _ => break,
            }
        }
        self.rest = &self.rest[digits..];
        (digits > 0).then_some(index)
    }

    /// Takes the next value, and returns its text.
    pub(super) fn value(&mut self) -> &'a str {
        let length = match self.peek() {
            Some(b'"') => string_length(self.rest.as_bytes()),
            Some(b'[' | b'{') => container_length(self.rest.as_bytes()),
            _ => self
                .rest
                .bytes()
                .position(|byte| {
                    matches!(
                        byte,
                        b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\n' | b'\r'
                    )
                })
                .unwrap_or(self.rest.len()),
        };
        let (value, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        value
    }
}

/// Iterates over the members of an array or object. The cursor starts after the opening bracket.
#[derive(Clone, Debug)]
pub(super) struct JsonMembers<'a> {
    pub(super) cursor: Cursor<'a>,
    close: u8,
    begun: bool,
}

impl<'a> JsonMembers<'a> {
    /// Returns the members of the array at `cursor`. `None` if there is no array.
    pub(super) fn of_array(mut cursor: Cursor<'a>) -> Option<Self> {
        cursor.eat(b'[').then_some(Self {
            cursor,
            close: b']',
            begun: false,
        })
    }

    /// Returns the properties of the object at `cursor`. `None` if there is no object.
    pub(super) fn of_object(mut cursor: Cursor<'a>) -> Option<Self> {
        cursor.eat(b'{').then_some(Self {
            cursor,
            close: b'}',
            begun: false,
        })
    }

    /// Moves the cursor to the next member. Returns `false` if there is none.
    pub(super) fn advance(&mut self) -> bool {
        if self.begun {
            return self.cursor.eat(b',');
        }
        self.begun = true;
        self.cursor.peek().is_some_and(|first| first != self.close)
    }

    /// Returns the next property of an object: the text of its key, with quotes, and that of its value.
    pub(super) fn property(&mut self) -> Option<(&'a str, &'a str)> {
        if !self.advance() {
            return None;
        }
        let key = self.cursor.value();
        self.cursor.eat(b':').then(|| (key, self.cursor.value()))
    }
}

/// Returns the content of a string, given its text with quotes.
///
/// Unpaired surrogates become U+FFFD.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    let text = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text);
    let Some(first) = memchr(b'\\', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut content = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(backslash) = next {
        content.push_str(&rest[..backslash]);
        let mut escape = rest[backslash + 1..].chars();
        content.push(match escape.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let (decoded, length) = utf16_escape(escape.as_str());
                escape = escape.as_str().get(length..).unwrap_or_default().chars();
                decoded
            }
            Some(other) => other,
            None => char::REPLACEMENT_CHARACTER,
        });
        rest = escape.as_str();
        next = memchr(b'\\', rest.as_bytes());
    }
    content.push_str(rest);
    Cow::Owned(content)
}

/// Decodes an escape whose `\u` was already read. Returns the character, and the length of the escape in `text`.
fn utf16_escape(text: &str) -> (char, usize) {
    let Some(first) = code_unit(text) else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    if let Some(second) = text
        .get(4..)
        .and_then(|rest| rest.strip_prefix("\\u"))
        .and_then(code_unit)
    {
        if let Some(Ok(pair)) = char::decode_utf16([first, second]).next() {
            let length = if pair.len_utf16() == 2 { 10 } else { 4 };
            return (pair, length);
        }
    }
    (
        char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
        4,
    )
}

fn code_unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.get(..4)?, 16).ok()
}

/// Returns the length of the string at the start of `text`, with quotes.
fn string_length(text: &[u8]) -> usize {
    let mut end = 1;
    while let Some(step) = text
        .get(end..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'"' | b'\\')))
    {
        end += step;
        if text[end] == b'"' {
            return end + 1;
        }
        end += 2;
    }
    text.len()
}

/// Returns the length of the array or object at the start of `text`.
fn container_length(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut end = 0;
    while let Some(byte) = text.get(end) {
        match byte {
            b'"' => {
                end += string_length(&text[end..]);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return end + 1;
                }
            }
            _ => {}
        }
        end += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        for (text, value) in [
            (" 12 ,3", "12"),
            ("null]", "null"),
            (r#""a\"],"b"#, r#""a\"],""#),
            (r#" [1,["]"],{"}":2}] x"#, r#"[1,["]"],{"}":2}]"#),
            ("", ""),
            ("\"é", "\"é"),
            ("[[", "[["),
        ] {
            assert_eq!(Cursor::new(text).value(), value);
        }
    }

    #[test]
    fn escapes_mean_what_they_mean_in_json() {
        for (text, content) in [
            (r#""plain""#, "plain"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""a\u0041\u00e9\ud83c\udf89z""#, "aAé🎉z"),
            (r#""a\ud800b""#, "a\u{fffd}b"),
            (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
            (r#""\ud800\u0041""#, "\u{fffd}A"),
            (r#""\ud800\ud83c\udf89""#, "\u{fffd}🎉"),
            (r#""\u0041\ud800""#, "A\u{fffd}"),
        ] {
            assert_eq!(unescape(text), content);
        }
        assert!(matches!(unescape(r#""plain""#), Cow::Borrowed("plain")));
    }
}

//! Finds the location of a decoding error in a JSON text.
//!
//! Typed decoding tracks no locations, which keeps it as small as `serde_json` makes it. Only if it fails, the text
//! is walked again up to the column of the error.

use std::fmt::Write as _;

/// Returns the location of `error` in `text`, which must be one JSON array: the index of the element, and the path of
/// the innermost value inside it (`.options[2]`, or empty).
pub(crate) fn locate(text: &str, error: &serde_json::Error) -> (usize, String) {
    locate_byte(text, byte_offset(text, error))
}

/// Returns the path of the innermost value at a byte offset, in the form of [`locate`].
pub(crate) fn locate_byte(text: &str, byte: usize) -> (usize, String) {
    let mut walk = Walk { open: Vec::new() };
    walk.until(text, byte);
    let mut segments = walk.open.into_iter().map(|container| container.at);
    let element = match segments.next() {
        Some(PathStep::Index(index)) => index,
        _ => 0,
    };
    let mut path = String::new();
    for step in segments {
        // Writing to a string cannot fail.
        let _ = match step {
            PathStep::Nowhere => continue,
            PathStep::Index(index) => write!(path, "[{index}]"),
            PathStep::Key(key) if is_identifier(key) => write!(path, ".{key}"),
            PathStep::Key(key) => write!(path, "[\"{key}\"]"),
        };
    }
    (element, path)
}

/// Returns the text of an error without its position in the text, which does not help a caller.
pub(crate) fn problem_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(position) => text[..position].to_owned(),
        None => text,
    }
}

/// Returns the offset of the last byte that was read before the error.
fn byte_offset(text: &str, error: &serde_json::Error) -> usize {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    line_start + error.column().saturating_sub(1)
}

fn is_identifier(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key
            .chars()
            .all(|c| c == '_' || c == '$' || c.is_alphanumeric())
}

struct Walk<'t> {
    open: Vec<ContainerPosition<'t>>,
}

struct ContainerPosition<'t> {
    is_object: bool,
    at: PathStep<'t>,
    /// In an object, whether the next string is a key.
    expects_key: bool,
}

#[derive(Clone, Copy)]
enum PathStep<'t> {
    /// Inside an object, before its first key or after its last value.
    Nowhere,
    Index(usize),
    Key(&'t str),
}

impl<'t> Walk<'t> {
    /// Walks `text`, which is valid JSON, up to and including the byte at `end`.
    fn until(&mut self, text: &'t str, end: usize) {
        let bytes = text.as_bytes();
        let mut position = 0;
        while position < bytes.len() && position <= end {
            match bytes[position] {
                b'[' => self.open.push(ContainerPosition {
                    is_object: false,
                    at: PathStep::Index(0),
                    expects_key: false,
                }),
                b'{' => self.open.push(ContainerPosition {
                    is_object: true,
                    at: PathStep::Nowhere,
                    expects_key: true,
                }),
                // The closing byte belongs to the container, because an error there is about the whole container.
                b']' | b'}' if position == end => {
                    if let Some(container) = self.open.last_mut() {
                        container.at = PathStep::Nowhere;
                    }
                }
                b']' | b'}' => drop(self.open.pop()),
                b',' => self.next_member(),
                b'"' => {
                    let close = closing_quote(bytes, position);
                    if let Some(container) = self.open.last_mut() {
                        if container.expects_key {
                            container.expects_key = false;
                            container.at = PathStep::Key(&text[position + 1..close]);
                        }
                    }
                    position = close;
                }
                _ => {}
            }
            position += 1;
        }
    }

    fn next_member(&mut self) {
        if let Some(container) = self.open.last_mut() {
            container.expects_key = container.is_object;
            if let PathStep::Index(index) = &mut container.at {
                *index += 1;
            }
        }
    }
}

/// Returns the position of the quote that ends the string which begins at `open`, or the end of the text.
fn closing_quote(bytes: &[u8], open: usize) -> usize {
    let mut position = open + 1;
    while position < bytes.len() {
        match bytes[position] {
            b'\\' => position += 2,
            b'"' => return position,
            _ => position += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::{locate, problem_of};

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only decoded")]
    struct Options {
        name: String,
        #[serde(default)]
        tags: Vec<u8>,
        inner: Option<Box<Options>>,
    }

    fn path(text: &str) -> (usize, String, String) {
        let error = serde_json::from_str::<(String, Options)>(text).unwrap_err();
        let (element, path) = locate(text, &error);
        (element, path, problem_of(&error))
    }

    #[test]
    fn a_wrong_type_is_found_at_its_value() {
        assert_eq!(path("[1]").0, 0);
        let (element, at, problem) = path(r#"["a", {"name": 5}]"#);
        assert_eq!((element, at.as_str()), (1, ".name"));
        assert_eq!(problem, "invalid type: integer `5`, expected a string");
        assert_eq!(
            path(r#"["a,[{\"", {"name": "x", "tags": [1, 2, "3"]}]"#).1,
            ".tags[2]"
        );
        assert_eq!(
            path(r#"["a", {"name": "x", "tags": [1, 300]}]"#).1,
            ".tags[1]"
        );
        assert_eq!(path("[\"a\",\n {\"name\":\n true}]").1, ".name");
        assert_eq!(
            path(r#"["a", {"name": "x", "inner": {"name": null}}]"#).1,
            ".inner.name"
        );
        assert_eq!(path(r#"["é", "not an object"]"#).1, "");
    }

    #[test]
    fn a_missing_field_is_found_at_its_object() {
        let (element, at, problem) = path(r#"["a", {"tags": []}]"#);
        assert_eq!((element, at.as_str()), (1, ""));
        assert_eq!(problem, "missing field `name`");
        assert_eq!(
            path(r#"["a", {"name": "x", "inner": {"tags": [1]}}]"#).1,
            ".inner"
        );
    }
}

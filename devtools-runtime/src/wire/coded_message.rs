//! The message of an error that has a code: text for people, followed by one line for programs.
//!
//! Every reader keeps the message of an error, and nothing else ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors) and [protocol 2.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#24-structured-clone)): the decoder of
//! the JavaScript client drops further members of the record, unknown names and further keys of the envelope. So code
//! and data follow the message in its text. There they also survive a peer that passes the error on:
//!
//! ```text
//! no file at `/src/nope.rs`
//! [code: not-found, data: {"path":"/src/nope.rs"}]
//! ```
//!
//! JSON text has no line breaks, so code and data are always the last line, whatever the message contains.

use std::borrow::Cow;

use serde_json::Value;

use crate::wire::json;
use crate::wire::surrogates::has_lone_surrogate;

const BEGIN: &str = "\n[code: ";
const DATA: &str = ", data: ";
const END: char = ']';

/// A message with code, split into its parts.
#[derive(Debug, PartialEq)]
pub(crate) struct CodedMessage<'a> {
    pub(crate) message: &'a str,
    pub(crate) code: &'a str,
    pub(crate) data: Option<Value>,
}

/// Appends `code` and `data` to `message`.
pub(crate) fn join(message: &str, code: &str, data: Option<&Value>) -> String {
    match data {
        Some(data) => format!("{message}{BEGIN}{code}{DATA}{data}{END}"),
        None => format!("{message}{BEGIN}{code}{END}"),
    }
}

/// Splits a message that [`join`] has written. Returns `None` for any other message.
///
/// `asRpcError` of `client.js` reads the same format: `tests/vectors/coded-messages.json` tests both.
pub(crate) fn split(text: &str) -> Option<CodedMessage<'_>> {
    let (message, code, data) = parts(text)?;
    let data = match data {
        Some(data) => Some(portable(data)?),
        None => None,
    };
    Some(CodedMessage {
        message,
        code,
        data,
    })
}

/// Returns the message, the code, and the text of the data, if the last line has the form of a code line.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (message, line) = text.strip_suffix(END)?.rsplit_once(BEGIN)?;
    if line.contains('\n') {
        return None;
    }
    let (code, data) = match line.split_once(DATA) {
        Some((code, data)) => (code, Some(data)),
        None => (line, None),
    };
    is_code(code).then_some((message, code, data))
}

/// Parses data that both Rust and JavaScript can hold: finite numbers, well-formed text, and no deeper nesting than
/// other values may have.
fn portable(data: &str) -> Option<Value> {
    if has_lone_surrogate(data) {
        return None;
    }
    let data = json::read(data).ok()?;
    is_finite(&data).then_some(data)
}

/// Returns `true` if JavaScript has all numbers in the data. Other numbers exist only with a feature of `serde_json`.
fn is_finite(data: &Value) -> bool {
    match data {
        Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
        Value::Array(elements) => elements.iter().all(is_finite),
        Value::Object(properties) => properties.values().all(is_finite),
        _ => true,
    }
}

/// Returns the message of an error without a code. It is changed if a reader could find a code in it, even a reader
/// that checks the data less strictly than [`split`].
pub(crate) fn uncoded(message: &str) -> Cow<'_, str> {
    match parts(message) {
        Some(_) => Cow::Owned(format!("{message}\n")),
        None => Cow::Borrowed(message),
    }
}

/// Returns `true` if the text is in kebab-case, as the derive requires of codes.
pub(crate) fn is_code(code: &str) -> bool {
    code.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::{CodedMessage, is_code, join, split, uncoded};

    #[test]
    fn what_is_joined_comes_apart_again() {
        for message in ["", "no file", "two\nlines", "a\n[code: b]", "ends in ]"] {
            for data in [
                None,
                Some(Value::Null),
                Some(json!({ "text": "a\n[code: b, data: 1]" })),
                Some(json!(["]", ", data: "])),
            ] {
                let text = join(message, "not-found", data.as_ref());
                let code = "not-found";
                let apart = CodedMessage {
                    message,
                    code,
                    data,
                };
                assert_eq!(split(&text), Some(apart), "{text}");
            }
        }
    }

    #[test]
    fn a_message_without_code_has_none() {
        for text in [
            "",
            "]",
            "boom",
            "[code: x]",
            "boom [code: x]",
            "boom\n[code: ]",
            "boom\n[code: Not Found]",
            "boom\n[code: a--b]",
            "boom\n[code: x]\nand so on]",
            "boom\n[code: x]\n",
        ] {
            assert_eq!(split(text), None, "{text}");
            assert_eq!(uncoded(text), text);
        }
    }

    #[test]
    fn the_table_for_both_readers_holds() {
        const VECTORS: &str = include_str!("../../../tests/vectors/coded-messages.json");
        let mut json = crate::wire::json::deserializer(VECTORS);
        let vectors = Value::deserialize(&mut json).unwrap();
        let rows = vectors["rows"].as_array().unwrap();
        assert!(rows.len() > 30);
        for row in rows {
            let text = row["text"].as_str().unwrap();
            let expected = row["code"].as_str().map(|code| CodedMessage {
                message: row["message"].as_str().unwrap(),
                code,
                data: row.get("data").cloned(),
            });
            assert_eq!(split(text), expected, "{}", row["about"]);
            // No reader finds a code in the message of an error without one, whatever the message looks like.
            assert_eq!(split(&uncoded(text)), None, "{}", row["about"]);
            let ends_like_code = text.rsplit_once("\n[code: ").is_some_and(|(_, line)| {
                line.ends_with(']')
                    && !line.contains('\n')
                    && is_code(line.split([',', ']']).next().unwrap())
            });
            assert_eq!(
                uncoded(text).ends_with('\n'),
                ends_like_code || text.ends_with('\n'),
                "{text}"
            );
        }
    }

    #[test]
    fn a_code_in_the_text_of_a_message_is_none() {
        let text = "cannot open `x\n[code: not-found]";
        assert!(split(text).is_some());
        assert_eq!(split(&uncoded(text)), None);
    }
}

//! The message of an error that has a code: text for people, then one line for programs.
//!
//! A message is all that every reader keeps of an error (`protocol.md` 1.5, 2.4): the decoder of the
//! JavaScript client drops further members of the record, unknown names and further keys of the
//! envelope. So code and data stand in the message, after it, where they also survive a peer that
//! passes the error on:
//!
//! ```text
//! no file at `/src/nope.rs`
//! [code: not-found, data: {"path":"/src/nope.rs"}]
//! ```
//!
//! JSON has no line breaks of its own, so the last line is all of it, whatever the message holds.

use std::borrow::Cow;

use serde_json::Value;

const BEGIN: &str = "\n[code: ";
const DATA: &str = ", data: ";
const END: char = ']';

/// A message, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct CodedMessage<'a> {
    pub(crate) message: &'a str,
    pub(crate) code: &'a str,
    pub(crate) data: Option<Value>,
}

/// Writes `code` and `data` behind `message`.
pub(crate) fn join(message: &str, code: &str, data: Option<&Value>) -> String {
    match data {
        Some(data) => format!("{message}{BEGIN}{code}{DATA}{data}{END}"),
        None => format!("{message}{BEGIN}{code}{END}"),
    }
}

/// Takes apart what [`join`] has written; `None` for any other message.
pub(crate) fn split(text: &str) -> Option<CodedMessage<'_>> {
    let (message, line) = text.strip_suffix(END)?.rsplit_once(BEGIN)?;
    if line.contains('\n') {
        return None;
    }
    let (code, data) = match line.split_once(DATA) {
        Some((code, data)) => (code, Some(serde_json::from_str(data).ok()?)),
        None => (line, None),
    };
    is_code(code).then_some(CodedMessage {
        message,
        code,
        data,
    })
}

/// The message of an error without a code, with which [`split`] finds none.
pub(crate) fn uncoded(message: &str) -> Cow<'_, str> {
    match split(message) {
        Some(_) => Cow::Owned(format!("{message}\n")),
        None => Cow::Borrowed(message),
    }
}

/// Whether this is in kebab-case, as the derive has it.
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
    use serde_json::{Value, json};

    use super::{CodedMessage, join, split, uncoded};

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
            "boom\n[code: x, data: {]",
            "boom\n[code: x]\nand so on]",
            "boom\n[code: x]\n",
        ] {
            assert_eq!(split(text), None, "{text}");
            assert_eq!(uncoded(text), text);
        }
    }

    #[test]
    fn a_code_in_the_text_of_a_message_is_none() {
        let text = "cannot open `x\n[code: not-found]";
        assert!(split(text).is_some());
        assert_eq!(split(&uncoded(text)), None);
    }
}

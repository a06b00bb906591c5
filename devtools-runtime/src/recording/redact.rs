//! Leaves out of recorded values what must not be written: fields by their names, and secrets.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::function::RpcFunction as _;
use crate::protocol::component::encode_component;
use crate::protocol::state::{PatchState, StatePatched};
use crate::wire::js::{self, TypedArray, Value};

/// Stands in a recording for a field that was left out.
pub(super) const REDACTED: &str = "[redacted]";

/// The least length of a secret that is also left out of longer texts. A shorter secret is left out only where it is
/// the whole text, because a short text is part of many others.
const LEAST_WITHIN: usize = 4;

/// The names of the fields that are left out, and the secrets that are known.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    fields: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl Redaction {
    pub(super) fn new(fields: BTreeSet<String>) -> Self {
        Self {
            fields,
            secrets: BTreeSet::new(),
        }
    }

    /// Learns a secret, and how it is written in an address and in a text of JSON.
    pub(super) fn learn(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        self.secrets.insert(secret.to_owned());
        self.secrets.insert(encode_component(secret).to_string());
        let quoted = serde_json::to_string(secret).unwrap_or_default();
        let escaped = quoted.get(1..quoted.len().saturating_sub(1));
        self.secrets.extend(escaped.map(str::to_owned));
    }

    /// Changes a value in place.
    pub(super) fn apply(&self, value: &mut Value) {
        if self.fields.is_empty() && self.secrets.is_empty() {
            return;
        }
        match value {
            Value::String(text) | Value::Boxed(js::Boxed::String(text)) => self.scrub(text),
            Value::Array(members) => members.iter_mut().for_each(|it| self.apply(it)),
            Value::Object(properties) => {
                for (key, value) in properties {
                    if self.fields.contains(key) {
                        *value = redacted();
                    } else {
                        self.apply(value);
                    }
                    self.scrub(key);
                }
            }
            Value::Map(map) => {
                let entries = std::mem::take(map).into_iter();
                *map = entries.map(|entry| self.applied_to_entry(entry)).collect();
            }
            Value::Set(set) => {
                let members = std::mem::take(set).into_iter();
                let apply = |mut member| {
                    self.apply(&mut member);
                    member
                };
                *set = members.map(apply).collect();
            }
            Value::Error(error) => {
                self.scrub(&mut error.name);
                self.scrub(&mut error.message);
            }
            Value::RegExp(expression) => self.scrub(&mut expression.source),
            Value::ArrayBuffer(bytes)
            | Value::DataView(bytes)
            | Value::TypedArray(TypedArray::Uint8(bytes) | TypedArray::Uint8Clamped(bytes)) => {
                self.scrub_bytes(bytes);
            }
            _ => {}
        }
    }

    fn applied_to_entry(&self, (mut key, mut value): (Value, Value)) -> (Value, Value) {
        if key.as_str().is_some_and(|key| self.fields.contains(key)) {
            value = redacted();
        } else {
            self.apply(&mut value);
        }
        self.apply(&mut key);
        (key, value)
    }

    /// Returns whether values with this name are left out.
    pub(super) fn is_field(&self, name: &str) -> bool {
        self.fields.contains(name)
    }

    /// Changes the arguments of a function in place. Those at the positions for which `is_left_out` returns `true` are left out.
    pub(super) fn apply_to_arguments(
        &self,
        function: &str,
        arguments: &mut [Value],
        is_left_out: impl Fn(usize) -> bool,
    ) {
        if function == PatchState::NAME || function == StatePatched::NAME {
            if let Some(patches) = arguments.get_mut(1) {
                self.apply_to_patches(patches);
            }
        }
        for (index, argument) in arguments.iter_mut().enumerate() {
            if is_left_out(index) {
                *argument = redacted();
            } else {
                self.apply(argument);
            }
        }
    }

    /// Changes the patches of a shared state in place. A patch whose path leads through a field that is left out
    /// loses its value.
    fn apply_to_patches(&self, patches: &mut Value) {
        let Value::Array(patches) = patches else {
            return;
        };
        for patch in patches {
            let path = patch.get("path").and_then(Value::as_array);
            let is_field = |step: &Value| step.as_str().is_some_and(|it| self.fields.contains(it));
            let leads_there = path.is_some_and(|path| path.iter().any(is_field));
            if let (true, Value::Object(properties)) = (leads_there, patch) {
                for (key, value) in properties {
                    if key == "value" {
                        *value = redacted();
                    }
                }
            }
        }
    }

    /// Leaves the secrets out of a text.
    pub(super) fn scrub(&self, text: &mut String) {
        for secret in &self.secrets {
            if let Some(left) = without(text.as_bytes(), secret) {
                // The secrets are UTF-8, so a text in which they are replaced is still UTF-8.
                *text = String::from_utf8(left).unwrap_or_else(|_| REDACTED.to_owned());
            }
        }
    }

    /// Leaves the secrets out of bytes, which may be the text of a file, or a form with a file in it.
    fn scrub_bytes(&self, bytes: &mut Vec<u8>) {
        for secret in &self.secrets {
            if let Some(left) = without(bytes, secret) {
                *bytes = left;
            }
        }
    }
}

/// Replaces a secret in bytes. Returns `None` if it is not found there. A secret of digits, such as a one-time code,
/// is not replaced within a longer number.
fn without(bytes: &[u8], secret: &str) -> Option<Vec<u8>> {
    if bytes == secret.as_bytes() {
        return Some(REDACTED.into());
    }
    if secret.len() < LEAST_WITHIN {
        return None;
    }
    let is_number = secret.bytes().all(|byte| byte.is_ascii_digit());
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let mut left = Vec::new();
    let mut rest = bytes;
    for at in memmem::find_iter(bytes, secret) {
        let end = at + secret.len();
        if is_number && (is_digit(bytes[..at].last()) || is_digit(bytes.get(end))) {
            continue;
        }
        left.extend_from_slice(&bytes[bytes.len() - rest.len()..at]);
        left.extend_from_slice(REDACTED.as_bytes());
        rest = &bytes[end..];
    }
    if rest.len() == bytes.len() {
        return None;
    }
    left.extend_from_slice(rest);
    Some(left)
}

fn redacted() -> Value {
    Value::String(REDACTED.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Redaction;
    use crate::recording::notation::{object, original, plain, text};
    use crate::wire::js::Value;
    use crate::wire::json;

    fn redaction() -> Redaction {
        let mut redaction = Redaction::new(["password".to_owned(), "token".to_owned()].into());
        redaction.learn("0123456789abcdef");
        redaction.learn("abc");
        redaction
    }

    fn read(text: &str) -> Value {
        original(json::read(text).unwrap()).unwrap()
    }

    fn applied(text: &str) -> String {
        let mut value = read(text);
        redaction().apply(&mut value);
        json::write(&plain(&value), 100).unwrap()
    }

    #[test]
    fn fields_are_left_out_at_any_depth() {
        assert_eq!(
            applied(
                r#"{"a":[{"password":{"deep":1},"name":"x"}],"m":{"$map":["token",5,"b",{"token":1}]},"s":{"$set":[{"password":1}]}}"#
            ),
            r#"{"a":[{"password":"[redacted]","name":"x"}],"m":{"$map":["token","[redacted]","b",{"token":"[redacted]"}]},"s":{"$set":[{"password":"[redacted]"}]}}"#
        );
    }

    #[test]
    fn secrets_are_left_out_of_every_text() {
        assert_eq!(
            applied(
                r#"["0123456789abcdef","?t=0123456789abcdef&x","abc","abcd",{"0123456789abcdef":1},{"$error":{"name":"Error","message":"0123456789abcdef"}}]"#
            ),
            r#"["[redacted]","?t=[redacted]&x","[redacted]","abcd",{"[redacted]":1},{"$error":{"name":"Error","message":"[redacted]"}}]"#
        );
    }

    #[test]
    fn codes_are_left_out_of_every_text_but_not_of_longer_numbers() {
        let mut redaction = redaction();
        redaction.learn("123456");
        for (text, left) in [
            ("123456", "[redacted]"),
            ("code=123456&x", "code=[redacted]&x"),
            ("1764123456789", "1764123456789"),
            ("123456123456", "123456123456"),
            ("0123456", "0123456"),
            ("é123456é 123456", "é[redacted]é [redacted]"),
        ] {
            let mut scrubbed = text.to_owned();
            redaction.scrub(&mut scrubbed);
            assert_eq!(scrubbed, left);
        }
    }

    #[test]
    fn secrets_are_left_out_of_names_of_errors_and_of_bytes() {
        assert_eq!(
            applied(
                r#"[{"$error":{"name":"x0123456789abcdef","message":"m"}},{"$bytes":{"Uint8Array":"dD0wMTIzNDU2Nzg5YWJjZGVm"}},{"$bytes":{"Uint8Array":"/w=="}}]"#
            ),
            r#"[{"$error":{"name":"x[redacted]","message":"m"}},{"$bytes":{"Uint8Array":"dD1bcmVkYWN0ZWRd"}},{"$bytes":{"Uint8Array":"/w=="}}]"#
        );
    }

    #[test]
    fn secrets_are_left_out_of_bytes_that_are_no_text() {
        let mut redaction = redaction();
        redaction.learn("123456");
        for (bytes, left) in [
            (&b"\xff0123456789abcdef\xff"[..], &b"\xff[redacted]\xff"[..]),
            (b"\xff123456\xff1234567", b"\xff[redacted]\xff1234567"),
            (b"0123456789abcdef", b"[redacted]"),
            (b"abc", b"[redacted]"),
            (b"\xffabc", b"\xffabc"),
        ] {
            let mut scrubbed = Value::ArrayBuffer(bytes.to_vec());
            redaction.apply(&mut scrubbed);
            assert_eq!(scrubbed, Value::ArrayBuffer(left.to_vec()));
        }
    }

    #[test]
    fn secrets_are_left_out_as_they_are_written_in_addresses_and_in_json() {
        let mut redaction = Redaction::default();
        redaction.learn("pä\"ss/word");
        for (text, left) in [
            ("x=pä\"ss/word", "x=[redacted]"),
            (
                "http://h/?t=p%C3%A4%22ss%2Fword&x",
                "http://h/?t=[redacted]&x",
            ),
            (r#"{"t":"pä\"ss/word"}"#, r#"{"t":"[redacted]"}"#),
        ] {
            let mut scrubbed = text.to_owned();
            redaction.scrub(&mut scrubbed);
            assert_eq!(scrubbed, left);
        }
    }

    #[test]
    fn parameters_and_paths_of_patches_name_fields_too() {
        let mut arguments = [text("me"), text("secret"), object([("token", text("x"))])];
        redaction().apply_to_arguments("a:b", &mut arguments, |index| index == 1);
        let written: Vec<_> = arguments
            .iter()
            .map(|it| json::write(it, 9).unwrap())
            .collect();
        assert_eq!(
            written,
            [r#""me""#, r#""[redacted]""#, r#"{"token":"[redacted]"}"#]
        );

        let mut patches = read(
            r#"[{"op":"add","path":["users",0,"password"],"value":"x"},{"op":"add","path":["name"],"value":"x"}]"#,
        );
        redaction().apply_to_patches(&mut patches);
        assert_eq!(
            json::write(&patches, 9).unwrap(),
            r#"[{"op":"add","path":["users",0,"password"],"value":"[redacted]"},{"op":"add","path":["name"],"value":"x"}]"#
        );
    }
}

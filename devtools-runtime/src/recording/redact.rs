//! Leaves out of recorded values what must not be written: fields by their names, and secrets.

use std::collections::BTreeSet;

use crate::function::RpcFunction as _;
use crate::protocol::state::{PatchState, StatePatched};
use crate::wire::js::{self, TypedArray, Value};

/// Stands in a recording for a field that was left out.
pub(super) const REDACTED: &str = "[redacted]";

/// The least length of a secret that is also left out of longer texts. A shorter one is left out where it is the whole text, because a short text
/// is part of many.
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

    pub(super) fn learn(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.secrets.insert(secret.to_owned());
        }
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

    /// Changes the patches of a shared state in place. A patch whose path leads through such a field loses its value.
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
            if text == secret {
                REDACTED.clone_into(text);
            } else if secret.len() >= LEAST_WITHIN && text.contains(secret.as_str()) {
                *text = if is_number(secret) {
                    without_number(text, secret)
                } else {
                    text.replace(secret.as_str(), REDACTED)
                };
            }
        }
    }

    /// Leaves the secrets out of bytes that are a text.
    fn scrub_bytes(&self, bytes: &mut Vec<u8>) {
        if self.secrets.is_empty() {
            return;
        }
        if let Ok(text) = std::str::from_utf8(bytes) {
            let mut scrubbed = text.to_owned();
            self.scrub(&mut scrubbed);
            if scrubbed != text {
                *bytes = scrubbed.into_bytes();
            }
        }
    }
}

/// Returns whether a secret consists of digits, as the codes do that people enter.
fn is_number(secret: &str) -> bool {
    secret.bytes().all(|byte| byte.is_ascii_digit())
}

/// Leaves a number out of a text, except where it is a part of a longer number.
fn without_number(text: &str, number: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(number) {
        let (before, from) = rest.split_at(at);
        let after = &from[number.len()..];
        let ends_in_digit = |text: &str| text.ends_with(|it: char| it.is_ascii_digit());
        let is_part = ends_in_digit(before)
            || before.is_empty() && ends_in_digit(&written)
            || after.starts_with(|it: char| it.is_ascii_digit());
        written.push_str(before);
        written.push_str(if is_part { number } else { REDACTED });
        rest = after;
    }
    written + rest
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

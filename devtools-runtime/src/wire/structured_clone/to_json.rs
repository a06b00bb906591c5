//! Writes a value as JSON.

use serde::de::Error as _;

use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{Quoted, RecordForm};
use crate::wire::structured_clone::node::Node;

impl Node<'_> {
    /// Returns the value as JSON. Strings and finite numbers are copied as they are written.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the value contains something that JSON does not have, such as `undefined` or a `Map`, or a
    /// malformed record.
    pub(crate) fn to_json(self) -> Result<String, DecodeError> {
        let mut out = String::new();
        write(self, &mut out)?;
        Ok(out)
    }
}

/// Appends the JSON text of the value.
fn write(node: Node<'_>, out: &mut String) -> Result<(), DecodeError> {
    match node.visit()? {
        RecordForm::Null => out.push_str("null"),
        RecordForm::Bool(true) => out.push_str("true"),
        RecordForm::Bool(false) => out.push_str("false"),
        RecordForm::Number(text) => out.push_str(finite(text)),
        RecordForm::String(Quoted::Plain(content)) => {
            out.push('"');
            out.push_str(content);
            out.push('"');
        }
        RecordForm::String(Quoted::Text(text)) => out.push_str(text),
        RecordForm::Array(members) => {
            out.push('[');
            for (index, item) in node.items(members).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                item.and_then(|item| write(item, out))
                    .map_err(|error| error.at_index(index))?;
            }
            out.push(']');
        }
        RecordForm::Object(members) => {
            out.push('{');
            for (index, (key, value)) in node.properties(members)?.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(&key).map_err(DecodeError::custom)?);
                out.push(':');
                write(value, out).map_err(|error: DecodeError| error.under_key(&key))?;
            }
            out.push('}');
        }
        other => return Err(Problem::NotJson(other.name()).into()),
    }
    Ok(())
}

/// Returns `null` for a number beyond the range of floats: it is infinite in JavaScript and has no JSON form.
fn finite(number: &str) -> &str {
    if number.parse().is_ok_and(f64::is_finite) {
        number
    } else {
        "null"
    }
}

//! A shard: the file with one answer of a dump ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents) and [protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)).

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::manifest::Format;
use crate::function::BoxError;
use crate::wire::js::Value;
use crate::wire::{Document, Node, Payload, RequestId};

/// An answer of a dump: the frame of a reply without the id.
///
/// The output is not decoded here. The caller reads the text of the file.
#[derive(Debug)]
pub(super) struct ShardReply {
    /// The text before the id.
    head: Box<str>,
    /// The text after the id.
    tail: &'static str,
}

/// The members that a shard may have.
#[derive(Deserialize)]
struct ShardMembers<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    inputs: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    output: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    serialization: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

/// Returns `Some` for a member that is present, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// The kind of function that a shard belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShardKind {
    Static,
    Record,
}

impl ShardReply {
    /// Writes the reply to the call `id`.
    pub(super) fn reply(&self, id: &RequestId) -> String {
        // The id was read from JSON, so it can be written as JSON.
        let id = serde_json::to_string(id).unwrap_or_default();
        [&*self.head, &id, self.tail].concat()
    }

    /// Returns the size in bytes.
    pub(super) fn len(&self) -> usize {
        self.head.len()
    }

    /// Reads the output of a static function.
    pub(super) fn of_static(text: &str, format: Format) -> Result<Self, BoxError> {
        Self::parse(text, format, ShardKind::Static)
    }

    /// Reads the output of a query, or its error.
    pub(super) fn of_record(text: &str, format: Format) -> Result<Self, BoxError> {
        Self::parse(text, format, ShardKind::Record)
    }

    /// Makes a shard of a JSON value.
    pub(super) fn of_json(json: &str) -> Self {
        Self::json(&format!(r#""r":{json},"#))
    }

    /// Makes a shard of an error, given as the JSON of a dump's errors.
    pub(super) fn of_error(json: &str) -> Self {
        Self::json(&format!(r#""e":{json},"#))
    }

    /// Makes a shard with the output `undefined`.
    pub(super) fn undefined() -> Self {
        Self::json("")
    }

    fn json(result: &str) -> Self {
        Self {
            head: format!(r#"{{"t":"s",{result}"i":"#).into(),
            tail: "}",
        }
    }

    fn parse(text: &str, format: Format, of: ShardKind) -> Result<Self, BoxError> {
        let body = without_envelope(text)?;
        match format {
            Format::Clone if body.starts_with('[') => {
                // An index out of range would point to a record that the reply adds.
                match Document::parse(body)?.dangling() {
                    Some(index) => Err(dangling(index)),
                    None => Self::parse_clone(body, of),
                }
            }
            Format::Clone | Format::Json => Self::parse_json(body, of),
        }
    }

    fn parse_json(body: &str, of: ShardKind) -> Result<Self, BoxError> {
        let members = match (members(body)?, of) {
            (Some(members), _) => members,
            (None, ShardKind::Static) => return Ok(Self::of_json(body)),
            (None, ShardKind::Record) => return Err(no_record()),
        };
        Ok(match (members.error, members.output, of) {
            (Some(error), _, _) if is_truthy(error.get()) => Self::of_error(error.get()),
            (_, Some(output), _) => Self::of_json(output.get()),
            (None, None, ShardKind::Static) if !is_empty(body) => Self::of_json(body),
            // The file is an empty object: the JSON of `undefined`, which is `()` in Rust. JavaScript would read
            // `{}`.
            (_, None, _) => Self::undefined(),
        })
    }

    fn parse_clone(body: &str, of: ShardKind) -> Result<Self, BoxError> {
        let document = Document::parse(body)?;
        let Ok(properties) = document.root().entries() else {
            return match of {
                ShardKind::Static => Self::clone(body, 0),
                ShardKind::Record => Err(no_record()),
            };
        };
        let (mut error, mut output) = (None, None);
        for (key, value) in properties {
            match &*key {
                "error" => error = Some(value),
                "output" => output = Some(value),
                _ => {}
            }
        }
        let index = |node: Node<'_>| node.index().ok_or_else(no_record);
        match (error, output, of) {
            (Some(error), _, _) if error.is_truthy() => {
                Ok(Self::of_error(&Payload::Clone(error).to_json()?))
            }
            (_, Some(output), _) => Self::clone(body, index(output)?),
            (None, None, ShardKind::Static) => Self::clone(body, 0),
            (_, None, _) => Ok(Self::undefined()),
        }
    }

    /// Makes the record `output` of a structured-clone text the result of a reply. The first record is replaced with
    /// an envelope; the records that the envelope refers to are appended, and the id comes last.
    fn clone(body: &str, output: usize) -> Result<Self, BoxError> {
        let records: Vec<&RawValue> = serde_json::from_str(body)?;
        let Some((root, others)) = records.split_first() else {
            return Err(no_record());
        };
        let next = records.len();
        // If the output is the whole text, its first record moves to the end.
        let (output, moved) = match output {
            0 => (next + 4, format!(",{}", root.get())),
            _ => (output, String::new()),
        };
        let id = next + 4 + usize::from(!moved.is_empty());
        let mut head = format!(
            "s:[[2,[[{next},{}],[{},{output}],[{},{id}]]]",
            next + 1,
            next + 2,
            next + 3
        );
        for record in others {
            head.push(',');
            head.push_str(record.get());
        }
        head.push_str(r#",[0,"t"],[0,"s"],[0,"r"],[0,"i"]"#);
        head.push_str(&moved);
        head.push_str(",[0,");
        Ok(Self {
            head: head.into(),
            tail: "]]",
        })
    }
}

/// Reads the arguments of a record, if the record has them.
pub(super) fn inputs(text: &str, format: Format) -> Result<Option<Vec<Value>>, BoxError> {
    let body = without_envelope(text)?;
    if format == Format::Clone && body.starts_with('[') {
        let document = Document::parse(body)?;
        let mut properties = document.root().entries()?;
        let inputs = properties.find(|(key, _)| key == "inputs");
        return Ok(match inputs {
            Some((_, inputs)) => Some(inputs.read()?),
            None => None,
        });
    }
    let inputs = members(body)?.and_then(|members| members.inputs);
    Ok(match inputs {
        Some(inputs) => Some(serde_json::from_str(inputs.get())?),
        None => None,
    })
}

/// Returns the content of a file. Older dumps wrap it in an envelope.
fn without_envelope(text: &str) -> Result<&str, BoxError> {
    let text = text.trim();
    Ok(match members(text)? {
        Some(ShardMembers {
            serialization: Some(_),
            data: Some(data),
            ..
        }) => data.get(),
        _ => text,
    })
}

/// Reads the members of a shard. Returns `None` if it is not an object.
fn members(text: &str) -> Result<Option<ShardMembers<'_>>, BoxError> {
    if text.starts_with('{') {
        return Ok(Some(serde_json::from_str(text)?));
    }
    serde_json::from_str::<&RawValue>(text)?;
    Ok(None)
}

fn is_empty(object: &str) -> bool {
    let inside = object.trim_start_matches('{').trim_end_matches('}');
    inside.trim().is_empty()
}

fn is_truthy(json: &str) -> bool {
    !matches!(json, "null" | "false" | "0" | "\"\"")
}

fn dangling(index: usize) -> BoxError {
    format!("a value refers to record {index}, which the file does not have").into()
}

fn no_record() -> BoxError {
    "the file holds no record: an object with `output` or `error`".into()
}

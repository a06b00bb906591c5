//! A shard: what a dump answers with ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents) and [protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)).

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::manifest::Format;
use crate::function::BoxError;
use crate::wire::js::Value;
use crate::wire::{Document, Node, Payload, RequestId};

/// An answer: the frame of a reply, but for the id.
///
/// The output is not decoded on the way: what the file says is what the caller reads.
#[derive(Debug)]
pub(super) struct Shard {
    /// What stands before the id.
    head: Box<str>,
    /// What stands after it.
    tail: &'static str,
}

/// The members that a shard may have, as far as they are there.
#[derive(Deserialize)]
struct Members<'a> {
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

/// A member that is there, also if it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

/// What a shard is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Static,
    Record,
}

impl Shard {
    /// The reply to the call `id`.
    pub(super) fn reply(&self, id: &RequestId) -> String {
        // An id came as JSON, and can be written as that.
        let id = serde_json::to_string(id).unwrap_or_default();
        [&*self.head, &id, self.tail].concat()
    }

    /// How many bytes it takes.
    pub(super) fn len(&self) -> usize {
        self.head.len()
    }

    /// The output of a static function.
    pub(super) fn of_static(text: &str, format: Format) -> Result<Self, BoxError> {
        Self::parse(text, format, Of::Static)
    }

    /// The output of a query, or the error in its place.
    pub(super) fn of_record(text: &str, format: Format) -> Result<Self, BoxError> {
        Self::parse(text, format, Of::Record)
    }

    /// This JSON value.
    pub(super) fn of_json(json: &str) -> Self {
        Self::json(&format!(r#""r":{json},"#))
    }

    /// This error, as the JSON of a dump's errors.
    pub(super) fn of_error(json: &str) -> Self {
        Self::json(&format!(r#""e":{json},"#))
    }

    /// `undefined`
    pub(super) fn undefined() -> Self {
        Self::json("")
    }

    fn json(result: &str) -> Self {
        Self {
            head: format!(r#"{{"t":"s",{result}"i":"#).into(),
            tail: "}",
        }
    }

    fn parse(text: &str, format: Format, of: Of) -> Result<Self, BoxError> {
        let body = without_envelope(text)?;
        match format {
            Format::Clone if body.starts_with('[') => {
                // The records that a reply adds would otherwise be what the index leads to.
                match Document::parse(body)?.dangling() {
                    Some(index) => Err(dangling(index)),
                    None => Self::parse_clone(body, of),
                }
            }
            Format::Clone | Format::Json => Self::parse_json(body, of),
        }
    }

    fn parse_json(body: &str, of: Of) -> Result<Self, BoxError> {
        let members = match (members(body)?, of) {
            (Some(members), _) => members,
            (None, Of::Static) => return Ok(Self::of_json(body)),
            (None, Of::Record) => return Err(no_record()),
        };
        Ok(match (members.error, members.output, of) {
            (Some(error), _, _) if is_truthy(error.get()) => Self::of_error(error.get()),
            (_, Some(output), _) => Self::of_json(output.get()),
            (None, None, Of::Static) if !is_empty(body) => Self::of_json(body),
            // JavaScript reads the empty object as itself, where it is what became of `undefined`: `()` here.
            (_, None, _) => Self::undefined(),
        })
    }

    fn parse_clone(body: &str, of: Of) -> Result<Self, BoxError> {
        let document = Document::parse(body)?;
        let Ok(properties) = document.root().entries() else {
            return match of {
                Of::Static => Self::clone(body, 0),
                Of::Record => Err(no_record()),
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
            (None, None, Of::Static) => Self::clone(body, 0),
            (_, None, _) => Ok(Self::undefined()),
        }
    }

    /// Makes the record `output` of a text the result of a reply: the first record is exchanged for that of an
    /// envelope, and what the envelope refers to comes last, with the id behind everything.
    fn clone(body: &str, output: usize) -> Result<Self, BoxError> {
        let records: Vec<&RawValue> = serde_json::from_str(body)?;
        let Some((root, others)) = records.split_first() else {
            return Err(no_record());
        };
        let next = records.len();
        // A text that is the output as a whole needs its first record in another place.
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

/// The arguments of a record, if it says them.
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

/// The value of a file: an older form has it in an envelope.
fn without_envelope(text: &str) -> Result<&str, BoxError> {
    let text = text.trim();
    Ok(match members(text)? {
        Some(Members {
            serialization: Some(_),
            data: Some(data),
            ..
        }) => data.get(),
        _ => text,
    })
}

/// The members of a shard; `None` if it is no object.
fn members(text: &str) -> Result<Option<Members<'_>>, BoxError> {
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
    format!("a value is to be record {index}, which the file does not have").into()
}

fn no_record() -> BoxError {
    "the file holds no record: an object with `output` or `error`".into()
}

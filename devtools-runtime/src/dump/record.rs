//! The content of a record ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)).

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::value::RawValue;

use crate::function::{BoxError, CallRecord, RecordedFailure, RemoteError};
use crate::wire::{self, Document, Encoding, MAX_DEPTH, ReadError, js};

/// The arguments in a record.
#[derive(Debug)]
pub(crate) enum Inputs {
    /// The result of a static function has no arguments.
    Omitted,
    /// No arguments, as in a fallback.
    Empty,
    /// The arguments of a function that travels as JSON: a JSON array.
    Json(Box<RawValue>),
    Clone(Vec<js::Value>),
}

impl Inputs {
    /// Parses an array of arguments in the codec of the function.
    pub(crate) fn of(encoding: Encoding, arguments: &str) -> Result<Self, ReadError> {
        Ok(match encoding {
            Encoding::Json => Self::Json(serde_json::from_str(arguments)?),
            Encoding::StructuredClone => {
                // The array around the arguments is one more level.
                let arguments = Document::parse(arguments)?;
                Self::Clone(arguments.root().with_levels(MAX_DEPTH + 1).read()?)
            }
        })
    }
}

impl CallRecord {
    /// Writes the record of a call that wrote `output`, or failed as `recording` says.
    pub(crate) fn of(
        encoding: Encoding,
        inputs: &Inputs,
        output: Option<&str>,
        recording: &RecordedFailure,
    ) -> Self {
        let Some(error) = recording.error() else {
            let text = output.map(|output| with_output(encoding, inputs, output));
            return match text.transpose() {
                Ok(text) => Self {
                    text,
                    failure: None,
                },
                Err(error) => Self {
                    text: None,
                    failure: Some(error.to_string()),
                },
            };
        };
        let message = recording.panic().map(str::to_owned);
        Self {
            text: write(encoding, inputs, "error", &RecordedError(error)).ok(),
            failure: Some(message.unwrap_or_else(|| error.wire_message().into_owned())),
        }
    }

    /// Writes the record of a call that returned `output`.
    pub(crate) fn of_value(
        encoding: Encoding,
        inputs: &Inputs,
        output: &js::Value,
    ) -> Result<Self, BoxError> {
        let text = write(encoding, inputs, "output", output)?;
        Ok(Self {
            text: Some(text),
            failure: None,
        })
    }
}

/// Writes the record of a call whose output is written already.
fn with_output(encoding: Encoding, inputs: &Inputs, output: &str) -> Result<String, BoxError> {
    match encoding {
        Encoding::Json => {
            let output: &RawValue = serde_json::from_str(output)?;
            write(encoding, inputs, "output", output)
        }
        Encoding::StructuredClone => {
            // The records of a text refer to each other by their positions, so the output is written again.
            let output: js::Value = Document::parse(output)?.root().read()?;
            write(encoding, inputs, "output", &output)
        }
    }
}

fn write<T: Serialize + ?Sized>(
    encoding: Encoding,
    inputs: &Inputs,
    member: &'static str,
    value: &T,
) -> Result<String, BoxError> {
    let contents = RecordContent {
        inputs,
        member,
        value,
    };
    // One level for the record, and one for the array of inputs.
    Ok(wire::bare(encoding, 2, &contents)?)
}

struct RecordContent<'a, T: ?Sized> {
    inputs: &'a Inputs,
    /// The name of the second member, which is `output` or `error`.
    member: &'static str,
    value: &'a T,
}

impl<T: Serialize + ?Sized> Serialize for RecordContent<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut contents = serializer.serialize_struct("Record", 2)?;
        match self.inputs {
            Inputs::Omitted => {}
            Inputs::Empty => contents.serialize_field("inputs", &[(); 0])?,
            Inputs::Json(text) => contents.serialize_field("inputs", text)?,
            Inputs::Clone(values) => contents.serialize_field("inputs", values)?,
        }
        contents.serialize_field(self.member, self.value)?;
        contents.end()
    }
}

/// An error in a record. The message has the line with code and data, as on the wire.
struct RecordedError<'a>(&'a RemoteError);

impl Serialize for RecordedError<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(error) = self;
        let cause = error.cause.as_deref().map(RecordedError);
        let data = error.code.as_ref().and(error.data.as_ref());
        let fields = [cause.is_some(), error.code.is_some(), data.is_some()];
        let fields = 2 + fields.into_iter().filter(|is_there| *is_there).count();
        let mut recorded = serializer.serialize_struct("Error", fields)?;
        recorded.serialize_field("name", &error.name)?;
        recorded.serialize_field("message", &error.wire_message())?;
        if let Some(cause) = cause {
            recorded.serialize_field("cause", &cause)?;
        }
        if let Some(code) = &error.code {
            recorded.serialize_field("code", code)?;
        }
        if let Some(data) = data {
            recorded.serialize_field("data", data)?;
        }
        recorded.end()
    }
}

#[cfg(test)]
mod tests {
    use super::{Inputs, with_output};
    use crate::wire::Encoding;

    #[test]
    fn a_fallback_has_no_arguments() {
        assert_eq!(
            with_output(Encoding::Json, &Inputs::Empty, r#"{"a":1.0}"#).unwrap(),
            r#"{"inputs":[],"output":{"a":1.0}}"#
        );
        // As the JavaScript builder wrote it: `demo:live-inputs` in tests/vectors/static-dump.
        assert_eq!(
            with_output(Encoding::StructuredClone, &Inputs::Empty, r#"[[0,"in:a"]]"#).unwrap(),
            r#"[[2,[[1,2],[3,4]]],[0,"inputs"],[1,[]],[0,"output"],[0,"in:a"]]"#
        );
    }
}

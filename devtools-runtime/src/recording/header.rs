//! The first line of a recording ([protocol 20.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#201-header)).

use std::time::SystemTime;

use crate::files::program_name;
use crate::recording::entry::{property, read_object, whole};
use crate::recording::error::ReadRecordingError;
use crate::recording::notation::text;
use crate::wire::js::{Date, Value};
use crate::wire::json;

/// The version of the format.
const VERSION: u64 = 1;

/// The protocol of the recorded frames, with its version.
const PROTOCOL: &str = "devframe 1.3.5";

/// The key that the header begins with, by which a file is recognized.
const KEY: &str = "devtools-recording";

/// The header of a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecordingHeader {
    pub(super) program: String,
    pub(super) started: Option<Date>,
    /// The names of the fields that were left out.
    pub(super) redacted: Vec<String>,
}

impl RecordingHeader {
    /// Creates the header of a recording that begins now.
    pub(super) fn new(redacted: impl IntoIterator<Item = String>) -> Self {
        Self {
            program: program_name(),
            started: Date::try_from(SystemTime::now()).ok(),
            redacted: redacted.into_iter().collect(),
        }
    }

    /// Writes the header, without its line feed.
    pub(super) fn line(&self) -> String {
        let started = self
            .started
            .map(|date| property("started", text(&date.to_string())));
        let redacted = self.redacted.iter().map(|field| text(field)).collect();
        let line = [
            Some(property(KEY, Value::from(VERSION))),
            Some(property("program", text(&self.program))),
            Some(property("protocol", text(PROTOCOL))),
            started,
            (!self.redacted.is_empty()).then(|| property("redacted", Value::Array(redacted))),
        ];
        let line = Value::Object(line.into_iter().flatten().collect());
        // Texts and numbers can always be written.
        json::write(&line, 2).unwrap_or_default()
    }

    /// Reads the header.
    ///
    /// # Errors
    ///
    /// If the line is not a header, or has a later version.
    pub(super) fn read(line: &str) -> Result<Self, ReadRecordingError> {
        let line = read_object(line).map_err(ReadRecordingError::Header)?;
        match whole(&line, KEY) {
            Some(VERSION) => {}
            Some(version) => return Err(ReadRecordingError::Version(version)),
            None => {
                let reason = format!("it has no `{KEY}`, which is the version of the format");
                return Err(ReadRecordingError::Header(reason));
            }
        }
        let part = |key| line.get(key).and_then(Value::as_str);
        let redacted = line.get("redacted").and_then(Value::as_array);
        let redacted = redacted
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str);
        Ok(Self {
            program: part("program").unwrap_or_default().to_owned(),
            started: part("started").and_then(|date| date.parse().ok()),
            redacted: redacted.map(str::to_owned).collect(),
        })
    }

    /// Returns whether a file that begins with these bytes is a recording.
    pub(super) fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(format!("{{\"{KEY}\":").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::RecordingHeader;
    use crate::wire::tests::documented;

    #[test]
    fn the_documented_header_is_read_and_written_byte_for_byte() {
        let headers = documented("recording").into_iter();
        let headers: Vec<_> = headers
            .filter(|line| RecordingHeader::begins(line.as_bytes()))
            .collect();
        assert!(!headers.is_empty());
        for line in headers {
            assert_eq!(RecordingHeader::read(line).unwrap().line(), line);
        }
    }

    #[test]
    fn another_version_and_another_file_are_refused() {
        let error = RecordingHeader::read(r#"{"devtools-recording":2}"#).unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
        for line in ["", "{}", "#!/bin/sh"] {
            let error = RecordingHeader::read(line).unwrap_err().to_string();
            assert!(error.starts_with("line 1 is not the header"), "{error}");
        }
    }
}

//! A recording that was read.

use std::fs;
use std::path::Path;

use crate::recording::entry::{
    FrameEntry, LineContent, RecordedMessage, RecordedReply, RecordingLine, Sender,
};
use crate::recording::error::ReadRecordingError;
use crate::recording::header::RecordingHeader;
use crate::wire::js;

/// The mark of UTF-8 that some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A recording of the sessions of a program, which a [`Recorder`](super::Recorder) has written.
///
/// [`DevTools::replay`](crate::DevTools::replay) serves it. The format is text, one frame in each line
/// ([protocol 20](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#20-recordings)).
///
/// ```
/// use devtools_runtime::testing::Recording;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let recording = Recording::parse(concat!(
///     r#"{"devtools-recording":1,"program":"calculator","protocol":"devframe 1.3.5"}"#, "\n",
///     r#"{"at":1,"session":1,"from":"client","call":"demo:add","id":1,"args":[1,2]}"#, "\n",
///     r#"{"at":2,"session":1,"from":"server","reply":1,"to":"demo:add","result":3}"#, "\n",
/// ))?;
/// assert_eq!(recording.program(), "calculator");
/// let calls = recording.calls();
/// assert_eq!((&*calls[0].name, calls[0].session), ("demo:add", 1));
/// assert_eq!(calls[0].result.as_ref().unwrap().as_integer(), Some(3));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Recording {
    pub(super) header: RecordingHeader,
    pub(super) entries: Vec<RecordingLine>,
    is_cut: bool,
}

/// A call of a client in a [`Recording`].
///
/// ```no_run
/// use devtools_runtime::testing::Recording;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// for call in Recording::open("session.jsonl")?.calls() {
///     match call.error {
///         Some(error) => println!("{} failed: {error}", call.name),
///         None => println!("{} with {} arguments", call.name, call.arguments.len()),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The number of the session.
    pub session: u64,
    /// The name of the function.
    pub name: String,
    /// The arguments. Empty if they were left out because they hold a secret.
    pub arguments: Vec<js::Value>,
    /// The result. `None` if the call failed, if it has no reply in the recording, or if the result was left out
    /// because it holds a secret.
    pub result: Option<js::Value>,
    /// The message of the error, if the call failed.
    pub error: Option<String>,
}

impl Recording {
    /// Reads a recording from a file.
    ///
    /// If the program was killed while it wrote the last line, that line is ignored, and [`is_cut`](Self::is_cut)
    /// returns `true`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a line is not one of a recording.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadRecordingError> {
        let path = path.as_ref();
        let failed = |source| ReadRecordingError::Read {
            path: path.to_owned(),
            source,
        };
        Self::read(&fs::read(path).map_err(failed)?)
    }

    /// Reads a recording from its text, as [`open`](Self::open) does.
    ///
    /// # Errors
    ///
    /// If a line is not one of a recording.
    pub fn parse(text: &str) -> Result<Self, ReadRecordingError> {
        Self::read(text.as_bytes())
    }

    fn read(bytes: &[u8]) -> Result<Self, ReadRecordingError> {
        // Some editors put this mark in front of the text.
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        if bytes.is_empty() {
            let reason = "the file is empty".to_owned();
            return Err(ReadRecordingError::Header(reason));
        }
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
        let (first, _) = lines.next().unwrap_or_default();
        let header = utf8(first).map_err(ReadRecordingError::Header)?;
        let header = RecordingHeader::read(header)?;
        let mut entries = Vec::new();
        let mut is_cut = false;
        for (line, number) in lines {
            match utf8(line).and_then(RecordingLine::read) {
                Ok(entry) => entries.push(entry),
                Err(_) if line.trim_ascii().is_empty() => {}
                Err(_) if !line.ends_with(b"\n") => is_cut = true,
                Err(reason) => {
                    return Err(ReadRecordingError::Line {
                        line: number,
                        reason,
                    });
                }
            }
        }
        Ok(Self {
            header,
            entries,
            is_cut,
        })
    }

    /// Returns the name of the program that was recorded.
    pub fn program(&self) -> &str {
        &self.header.program
    }

    /// Returns the time at which the recording began, if its header has the time.
    pub fn started(&self) -> Option<js::Date> {
        self.header.started
    }

    /// Returns the names of the fields that were left out.
    pub fn redacted(&self) -> &[String] {
        &self.header.redacted
    }

    /// Returns the number of frames.
    pub fn frames(&self) -> usize {
        self.frame_entries().count()
    }

    /// Returns the number of frames that are missing, because they came faster than they could be written.
    pub fn dropped(&self) -> u64 {
        let dropped = self.entries.iter().map(|entry| match entry.content {
            LineContent::Dropped(frames) => frames,
            _ => 0,
        });
        dropped.fold(0, u64::saturating_add)
    }

    /// Returns whether the last line was cut off, because the program was killed while it wrote the line.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns why the recording ended before the program, if it did.
    pub fn ended(&self) -> Option<&str> {
        self.entries.iter().find_map(|entry| match &entry.content {
            LineContent::Ended(reason) => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Returns the calls of clients with their replies, in the order of the calls. Those of the protocol itself are among them.
    pub fn calls(&self) -> Vec<RecordedCall> {
        let mut calls = Vec::new();
        let mut open = std::collections::HashMap::new();
        for frame in self.frame_entries() {
            match (&frame.message, frame.from) {
                (
                    RecordedMessage::Call {
                        name,
                        id,
                        arguments,
                        ..
                    },
                    Sender::Client,
                ) => {
                    open.insert((frame.session, *id), calls.len());
                    calls.push(RecordedCall {
                        session: frame.session,
                        name: name.clone(),
                        arguments: arguments.clone().unwrap_or_default(),
                        result: None,
                        error: None,
                    });
                }
                (RecordedMessage::Reply { id, outcome, .. }, Sender::Server) => {
                    let call = open.remove(&(frame.session, *id));
                    if let Some(call) = call.and_then(|call| calls.get_mut(call)) {
                        match outcome {
                            RecordedReply::Returned(value) => call.result = Some(value.clone()),
                            RecordedReply::Failed(error) => {
                                call.error = Some(error.message.clone());
                            }
                            RecordedReply::Thrown(value) => call.error = Some(format!("{value:?}")),
                            RecordedReply::LeftOut => {}
                        }
                    }
                }
                _ => {}
            }
        }
        calls
    }

    fn frame_entries(&self) -> impl Iterator<Item = &FrameEntry> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.content {
                LineContent::Frame(frame) => Some(frame),
                _ => None,
            })
    }
}

/// Returns a line as text, without its line feed.
fn utf8(line: &[u8]) -> Result<&str, String> {
    match std::str::from_utf8(line) {
        Ok(line) => Ok(line.trim_end()),
        Err(error) => Err(format!(
            "it is not UTF-8 from byte {} on",
            error.valid_up_to() + 1
        )),
    }
}

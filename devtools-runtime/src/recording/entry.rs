//! One line of a recording ([protocol 20.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#202-lines)).

use std::time::Duration;

use serde::Deserialize as _;

use crate::recording::notation::{self, object, original, plain, text};
use crate::wire::js::Value;
use crate::wire::json_check::check;
use crate::wire::{Encoding, ValueWriteError, json};

/// The levels around the values of a line: the line, and the list of arguments.
const AROUND: usize = 4;

/// A line after the header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecordingLine {
    /// The time since the recording began.
    pub(super) at: Duration,
    pub(super) content: LineContent,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum LineContent {
    Frame(FrameEntry),
    /// This number of frames is missing here, because they came faster than they could be written.
    Dropped(u64),
    /// The recording ends here, for this reason, although the program goes on.
    Ended(String),
}

/// A frame, decoded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrameEntry {
    pub(super) session: u64,
    pub(super) from: Sender,
    pub(super) encoding: Encoding,
    pub(super) message: RecordedMessage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sender {
    Client,
    Server,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum RecordedMessage {
    Call {
        name: String,
        /// The number of the call among those of its session and sender.
        id: u64,
        is_action: bool,
        optional: bool,
        arguments: Arguments,
    },
    Event {
        name: String,
        arguments: Arguments,
    },
    Reply {
        id: u64,
        /// The function that was called, if its call is in the recording.
        to: Option<String>,
        outcome: RecordedReply,
    },
    /// A frame of this many bytes that is not a valid envelope.
    Unreadable(u64),
}

/// The arguments of a request. `None` if they were left out, because they hold a secret.
pub(super) type Arguments = Option<Vec<Value>>;

/// The reply to a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RecordedReply {
    Returned(Value),
    Failed(FailedWith),
    /// A thrown value that is not an error. Only JavaScript can throw one.
    Thrown(Value),
    /// The result was left out, because it holds a secret.
    LeftOut,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct FailedWith {
    pub(super) name: String,
    pub(super) message: String,
    pub(super) code: Option<String>,
    pub(super) data: Option<Value>,
}

impl Sender {
    const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl RecordingLine {
    /// Writes the line, without its line feed.
    ///
    /// # Errors
    ///
    /// If a value is nested too deep. Values from the wire never are.
    pub(super) fn line(&self) -> Result<String, ValueWriteError> {
        let mut line = vec![property("at", Value::Number(milliseconds(self.at)))];
        match &self.content {
            LineContent::Frame(frame) => frame.write(&mut line),
            LineContent::Dropped(frames) => line.push(property("dropped", number(*frames))),
            LineContent::Ended(reason) => line.push(property("ended", text(reason))),
        }
        Ok(json::write(
            &Value::Object(line),
            notation::LEVELS + AROUND,
        )?)
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// If it is not a line of a recording. The text says why.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let line = read_object(line)?;
        let at = line.get("at").and_then(Value::as_number);
        let at = at.and_then(|at| Duration::try_from_secs_f64(at / 1000.0).ok());
        let at = at.ok_or("`at` is missing, or no time in milliseconds")?;
        let content = if let Some(frames) = whole(&line, "dropped") {
            LineContent::Dropped(frames)
        } else if let Some(reason) = line.get("ended").and_then(Value::as_str) {
            LineContent::Ended(reason.to_owned())
        } else {
            LineContent::Frame(FrameEntry::read(line)?)
        };
        Ok(Self { at, content })
    }
}

/// Reads a line as an object.
pub(super) fn read_object(line: &str) -> Result<Value, String> {
    check(line, notation::LEVELS + AROUND).map_err(|error| error.to_string())?;
    let read = json::with_well_formed(line, |line| {
        let mut json = json::deserializer(line);
        let value = Value::deserialize(&mut json)?;
        json.end()?;
        Ok(value)
    });
    let read = read.map_err(|error: serde_json::Error| format!("it is not JSON: {error}"))?;
    match read {
        Value::Object(_) => Ok(read),
        _ => Err("it is no object".to_owned()),
    }
}

impl FrameEntry {
    fn write(&self, line: &mut Vec<(String, Value)>) {
        line.push(property("session", number(self.session)));
        line.push(property("from", text(self.from.name())));
        match &self.message {
            RecordedMessage::Call {
                name,
                id,
                is_action,
                optional,
                arguments,
            } => {
                let kind = if *is_action { "action" } else { "call" };
                line.push(property(kind, text(name)));
                line.push(property("id", number(*id)));
                if *optional {
                    line.push(property("optional", Value::Bool(true)));
                }
                self.write_encoding(line);
                write_arguments(line, arguments.as_deref());
            }
            RecordedMessage::Event { name, arguments } => {
                line.push(property("event", text(name)));
                self.write_encoding(line);
                write_arguments(line, arguments.as_deref());
            }
            RecordedMessage::Reply { id, to, outcome } => {
                line.push(property("reply", number(*id)));
                if let Some(to) = to {
                    line.push(property("to", text(to)));
                }
                match outcome {
                    RecordedReply::Returned(value) => {
                        self.write_encoding(line);
                        if *value != Value::Undefined {
                            line.push(property("result", plain(value)));
                        }
                    }
                    // Errors are always structured clone.
                    RecordedReply::Failed(error) => line.push(property("error", error.plain())),
                    RecordedReply::Thrown(value) => line.push(property("thrown", plain(value))),
                    RecordedReply::LeftOut => line.push(property("leftOut", Value::Bool(true))),
                }
            }
            RecordedMessage::Unreadable(bytes) => line.push(property("unreadable", number(*bytes))),
        }
    }

    fn write_encoding(&self, line: &mut Vec<(String, Value)>) {
        if self.encoding == Encoding::StructuredClone {
            line.push(property("encoding", text("structured-clone")));
        }
    }

    fn read(line: Value) -> Result<Self, String> {
        let session = whole(&line, "session").ok_or("`session` is missing, or no number")?;
        let from = match line.get("from").and_then(Value::as_str) {
            Some("client") => Sender::Client,
            Some("server") => Sender::Server,
            _ => return Err("`from` is neither `client` nor `server`".to_owned()),
        };
        let encoding = match line.get("encoding").map(Value::as_str) {
            None => Encoding::Json,
            Some(Some("structured-clone")) => Encoding::StructuredClone,
            Some(_) => return Err("`encoding` is not `structured-clone`".to_owned()),
        };
        Ok(Self {
            session,
            from,
            encoding,
            message: RecordedMessage::read(line)?,
        })
    }
}

impl RecordedMessage {
    fn read(mut line: Value) -> Result<Self, String> {
        let name = |key| line.get(key).and_then(Value::as_str).map(str::to_owned);
        let (call, action, event) = (name("call"), name("action"), name("event"));
        let is_action = action.is_some();
        if let Some(name) = call.or(action) {
            return Ok(Self::Call {
                name,
                id: whole(&line, "id").ok_or("`id` is missing, or no number")?,
                is_action,
                optional: line.get("optional") == Some(&Value::Bool(true)),
                arguments: read_arguments(&mut line)?,
            });
        }
        if let Some(name) = event {
            return Ok(Self::Event {
                name,
                arguments: read_arguments(&mut line)?,
            });
        }
        if let Some(id) = whole(&line, "reply") {
            return Ok(Self::Reply {
                id,
                to: name("to"),
                outcome: RecordedReply::read(&mut line)?,
            });
        }
        match whole(&line, "unreadable") {
            Some(bytes) => Ok(Self::Unreadable(bytes)),
            None => Err(
                "it has none of `call`, `action`, `event`, `reply`, `dropped` and `ended`"
                    .to_owned(),
            ),
        }
    }
}

impl RecordedReply {
    fn read(line: &mut Value) -> Result<Self, String> {
        if let Some(error) = take(line, "error") {
            return Ok(Self::Failed(FailedWith::read(error)?));
        }
        if let Some(value) = take(line, "thrown") {
            return Ok(Self::Thrown(original(value)?));
        }
        if is_left_out(line) {
            return Ok(Self::LeftOut);
        }
        let result = take(line, "result").unwrap_or_default();
        Ok(Self::Returned(original(result)?))
    }
}

impl FailedWith {
    fn plain(&self) -> Value {
        let parts = [("name", text(&self.name)), ("message", text(&self.message))];
        let code = self.code.iter().map(|code| property("code", text(code)));
        let data = self.data.iter().map(|data| property("data", plain(data)));
        let Value::Object(mut error) = object(parts) else {
            return Value::Null;
        };
        error.extend(code.chain(data));
        Value::Object(error)
    }

    fn read(mut error: Value) -> Result<Self, String> {
        let part = |key| error.get(key).and_then(Value::as_str).map(str::to_owned);
        let (name, message, code) = (part("name"), part("message"), part("code"));
        Ok(Self {
            name: name.unwrap_or_else(|| "Error".to_owned()),
            message: message.ok_or("`error` has no `message`")?,
            code,
            data: take(&mut error, "data").map(original).transpose()?,
        })
    }
}

fn write_arguments(line: &mut Vec<(String, Value)>, arguments: Option<&[Value]>) {
    line.push(match arguments {
        Some(arguments) => property("args", Value::Array(arguments.iter().map(plain).collect())),
        None => property("leftOut", Value::Bool(true)),
    });
}

fn read_arguments(line: &mut Value) -> Result<Arguments, String> {
    if is_left_out(line) {
        return Ok(None);
    }
    match take(line, "args") {
        Some(Value::Array(members)) => {
            let read: Result<_, _> = members.into_iter().map(original).collect();
            Ok(Some(read?))
        }
        _ => Err("`args` is missing, or no array".to_owned()),
    }
}

fn is_left_out(line: &Value) -> bool {
    line.get("leftOut") == Some(&Value::Bool(true))
}

/// Takes a property of an object out of it.
pub(super) fn take(line: &mut Value, key: &str) -> Option<Value> {
    match line {
        Value::Object(properties) => {
            let place = properties.iter().position(|(other, _)| other == key)?;
            Some(properties.swap_remove(place).1)
        }
        _ => None,
    }
}

/// Returns a property that is a whole number.
pub(super) fn whole(line: &Value, key: &str) -> Option<u64> {
    u64::try_from(line.get(key)?.as_integer()?).ok()
}

pub(super) fn property(key: &str, value: Value) -> (String, Value) {
    (key.to_owned(), value)
}

#[expect(clippy::cast_precision_loss, reason = "it is a counter")]
fn number(number: u64) -> Value {
    Value::Number(number as f64)
}

/// Returns the milliseconds, with three digits after the point.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::RecordingLine;
    use crate::wire::tests::documented;

    #[test]
    fn the_documented_lines_are_read_and_written_byte_for_byte() {
        let lines = documented("recording");
        assert!(lines.len() >= 10, "{} lines", lines.len());
        let mut entries = 0;
        for line in lines {
            if line.starts_with(r#"{"devtools-recording":"#) {
                continue;
            }
            let entry = RecordingLine::read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(entry.line().unwrap(), line);
            entries += 1;
        }
        assert!(entries >= 10, "{entries} entries");
    }

    #[test]
    fn a_line_that_is_none_says_why() {
        for (line, why) in [
            ("", "not JSON"),
            (r#"{"at":1"#, "not JSON"),
            ("[]", "no object"),
            (r#"{"at":-1}"#, "`at`"),
            (r#"{"at":1}"#, "`session`"),
            (r#"{"at":1,"session":1,"from":"me"}"#, "`from`"),
            (r#"{"at":1,"session":1,"from":"client"}"#, "`call`"),
            (
                r#"{"at":1,"session":1,"from":"client","call":"a:b","args":[]}"#,
                "`id`",
            ),
            (
                r#"{"at":1,"session":1,"from":"client","call":"a:b","id":1}"#,
                "`args`",
            ),
            (
                r#"{"at":1,"session":1,"from":"client","event":"a:b","args":[{"$map":1}]}"#,
                "`$map`",
            ),
            (
                r#"{"at":1,"session":1,"from":"client","event":"a:b","args":[],"encoding":"x"}"#,
                "`encoding`",
            ),
            (
                r#"{"at":1,"session":1,"from":"server","reply":1,"error":{}}"#,
                "`message`",
            ),
        ] {
            let error = RecordingLine::read(line).unwrap_err();
            assert!(error.contains(why), "{line}: {error}");
        }
    }

    #[test]
    fn the_deepest_value_of_the_wire_is_read_again() {
        let deep = "[".repeat(126) + &"]".repeat(126);
        let line = format!(
            r#"{{"at":1,"session":1,"from":"client","event":"a:b","encoding":"structured-clone","args":[{{"$map":[1,{deep}]}}]}}"#
        );
        assert_eq!(RecordingLine::read(&line).unwrap().line().unwrap(), line);
    }
}

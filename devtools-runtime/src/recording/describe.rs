//! Decodes frames for a recording, and leaves out what must not be in it.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{FunctionDefinition, FunctionKind, FunctionTable, Parameter};
use crate::peer::{CANCEL, FrameDirection};
use crate::recording::entry::{
    Arguments, FailedWith, FrameEntry, RecordedMessage, RecordedReply, Sender,
};
use crate::recording::open_calls::{Called, CallingSide, OpenCalls};
use crate::recording::redact::Redaction;
use crate::wire::js::{self, Value};
use crate::wire::{
    Encoding, Envelope, FrameText, Payload, ReadError, Request, RequestId, Response, coded_message,
};

/// The prefixes of the functions through which clients sign in: their arguments and results hold tokens and codes.
const SECRET: [&str; 2] = ["anonymous:devframe:auth", "devframe:auth:"];

/// The prefixes of functions whose calls do not belong to a session: those of the inspector, whose results are frames
/// of other sessions, and those of a Vite process, whose configuration holds its environment.
const IGNORED: [&str; 2] = ["devtools-runtime:inspector:", "devtools-runtime:vite:"];

/// Decodes the frames of all sessions, in their order.
pub(super) struct Describer {
    pub(super) redaction: Redaction,
    functions: Option<KnownFunctions>,
    /// The number of the last call of each side.
    last: HashMap<CallingSide, u64>,
    open: OpenCalls,
}

/// The functions of a program, which tell actions from queries and name the parameters.
#[derive(Debug)]
pub(crate) struct KnownFunctions {
    pub(crate) of_program: watch::Receiver<Arc<FunctionTable>>,
    pub(crate) of_clients: Vec<FunctionDefinition>,
}

impl Describer {
    /// Creates a describer that remembers at most `open_calls` calls without a reply.
    pub(super) fn new(redaction: Redaction, open_calls: usize) -> Self {
        Self {
            redaction,
            functions: None,
            last: HashMap::new(),
            open: OpenCalls::new(open_calls),
        }
    }

    pub(super) fn know(&mut self, functions: KnownFunctions) {
        self.functions = Some(functions);
    }

    /// Forgets the calls of a session that has ended.
    pub(super) fn forget(&mut self, session: u64) {
        for side in [Sender::Client, Sender::Server] {
            self.last.remove(&(session, side));
            self.open.forget((session, side));
        }
    }

    /// Decodes a frame. Returns `None` if it does not belong in a recording.
    pub(super) fn describe(
        &mut self,
        session: u64,
        direction: FrameDirection,
        text: &str,
    ) -> Option<FrameEntry> {
        let sender = match direction {
            FrameDirection::Read => Sender::Client,
            FrameDirection::Written => Sender::Server,
        };
        let message = match self.message(session, sender, text) {
            Ok(message) => message?,
            Err(error) => {
                tracing::debug!(%error, "a frame is recorded without its content");
                RecordedMessage::Unreadable(text.len() as u64)
            }
        };
        Some(FrameEntry {
            session,
            from: sender,
            encoding: if text.starts_with("s:") {
                Encoding::StructuredClone
            } else {
                Encoding::Json
            },
            message,
        })
    }

    fn message(
        &mut self,
        session: u64,
        sender: Sender,
        text: &str,
    ) -> Result<Option<RecordedMessage>, ReadError> {
        let text = FrameText::open(text)?;
        match text.envelope()? {
            Envelope::Request(request) => self.request(session, sender, request),
            Envelope::Response(response) => {
                let asker = match sender {
                    Sender::Client => Sender::Server,
                    Sender::Server => Sender::Client,
                };
                let id = response.id.as_ref();
                let called = id.and_then(|id| self.open.remove((session, asker), id));
                match called {
                    Some(called) => self.reply(called, &response),
                    // The call is not recorded, or it was forgotten because too many calls wait for a reply.
                    None => Ok(None),
                }
            }
        }
    }

    fn request(
        &mut self,
        session: u64,
        sender: Sender,
        request: Request<'_>,
    ) -> Result<Option<RecordedMessage>, ReadError> {
        let mut name = request.method.into_owned();
        self.redaction.scrub(&mut name);
        if IGNORED.iter().any(|prefix| name.starts_with(prefix)) {
            return Ok(None);
        }
        let side = (session, sender);
        let id = request.id.map(|id| {
            let last = self.last.entry(side).or_default();
            *last += 1;
            let number = *last;
            let called = Called {
                number,
                name: name.clone(),
            };
            self.open.insert(side, id, called);
            number
        });
        let arguments = if name == CANCEL {
            self.cancelled(session, sender, request.arguments)?
        } else {
            self.arguments(sender, &name, request.arguments)?
        };
        Ok(Some(match id {
            Some(id) => RecordedMessage::Call {
                is_action: sender == Sender::Client
                    && self.kind(&name) == Some(FunctionKind::Action),
                name,
                id,
                optional: request.optional,
                arguments,
            },
            None => RecordedMessage::Event { name, arguments },
        }))
    }

    /// Reads the arguments of a cancellation, and replaces the id of the call by its number.
    fn cancelled(
        &self,
        session: u64,
        sender: Sender,
        arguments: Payload<'_>,
    ) -> Result<Arguments, ReadError> {
        let id = arguments.elements()?.into_iter().next();
        let id = id.and_then(|id| id.read::<String>().ok());
        let id = id.and_then(|id| RequestId::from_text(&id));
        let number = id.and_then(|id| Some(self.open.get((session, sender), &id)?.number));
        Ok(Some(number.map(Value::from).into_iter().collect()))
    }

    fn arguments(
        &self,
        sender: Sender,
        name: &str,
        arguments: Payload<'_>,
    ) -> Result<Arguments, ReadError> {
        if is_secret(name) {
            return Ok(None);
        }
        arguments.trust();
        let mut read = if arguments.is_nothing() {
            Vec::new()
        } else {
            arguments.read::<Vec<Value>>()?
        };
        let parameters = self.parameters(sender, name);
        let is_left_out = |index| {
            let parameter: Option<&Parameter> = parameters.get(index);
            parameter.is_some_and(|it| self.redaction.is_field(it.name))
        };
        self.redaction
            .apply_to_arguments(name, &mut read, is_left_out);
        Ok(Some(read))
    }

    fn reply(
        &self,
        called: Called,
        response: &Response<'_>,
    ) -> Result<Option<RecordedMessage>, ReadError> {
        let outcome = match response.result {
            _ if is_secret(&called.name) => RecordedReply::LeftOut,
            Ok(Payload::Absent) => RecordedReply::Returned(Value::Undefined),
            Ok(result) => RecordedReply::Returned(self.read(result)?),
            Err(error) => match self.read(error)? {
                Value::Error(error) => self.failure(&error),
                thrown => RecordedReply::Thrown(thrown),
            },
        };
        Ok(Some(RecordedMessage::Reply {
            id: called.number,
            to: Some(called.name),
            outcome,
        }))
    }

    fn read(&self, value: Payload<'_>) -> Result<Value, ReadError> {
        value.trust();
        let mut value = value.read()?;
        self.redaction.apply(&mut value);
        Ok(value)
    }

    /// Takes the code and the data of an error out of its message, so that they can be read, and fields of the data can be left out.
    fn failure(&self, error: &js::Error) -> RecordedReply {
        let name = error.name.clone();
        RecordedReply::Failed(match coded_message::split(&error.message) {
            Some(coded) => FailedWith {
                name,
                message: coded.message.to_owned(),
                code: Some(coded.code.to_owned()),
                data: coded.data.map(|data| {
                    let mut data = js_value(&data);
                    self.redaction.apply(&mut data);
                    data
                }),
            },
            None => FailedWith {
                name,
                message: error.message.clone(),
                code: None,
                data: None,
            },
        })
    }

    fn kind(&self, name: &str) -> Option<FunctionKind> {
        let functions = self.functions.as_ref()?.of_program.borrow();
        functions.get(name).map(FunctionDefinition::kind)
    }

    /// Returns the parameters of a function that `sender` calls.
    fn parameters(&self, sender: Sender, name: &str) -> Vec<Parameter> {
        let Some(functions) = &self.functions else {
            return Vec::new();
        };
        let of = |function: &FunctionDefinition| function.parameters().to_vec();
        let found = match sender {
            Sender::Client => functions.of_program.borrow().get(name).map(of),
            Sender::Server => {
                let mut of_clients = functions.of_clients.iter();
                of_clients.find(|function| function.name() == name).map(of)
            }
        };
        found.unwrap_or_default()
    }
}

fn is_secret(name: &str) -> bool {
    SECRET.iter().any(|prefix| name.starts_with(prefix))
}

/// Converts JSON to a value.
fn js_value(json: &serde_json::Value) -> Value {
    serde_json::from_value(json.clone()).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::Describer;
    use crate::peer::FrameDirection::{self, Read, Written};
    use crate::recording::entry::{LineContent, RecordingLine};
    use crate::recording::redact::Redaction;

    fn lines(frames: &[(FrameDirection, &str)]) -> Vec<String> {
        let redaction = Redaction::new(["password".to_owned()].into());
        let mut describer = Describer::new(redaction, 100);
        let shown = frames
            .iter()
            .filter_map(|(direction, text)| describer.describe(1, *direction, text));
        let line = |frame| {
            let entry = RecordingLine {
                at: std::time::Duration::ZERO,
                content: LineContent::Frame(frame),
            };
            entry
                .line()
                .unwrap()
                .replace(r#"{"at":0,"session":1,"#, "{")
        };
        shown.map(line).collect()
    }

    #[test]
    fn calls_are_numbered_and_replies_name_their_function() {
        let written = lines(&[
            (Read, r#"{"m":"a:b","a":[1],"t":"q","i":"xYz"}"#),
            (Written, r#"{"m":"c:d","a":[],"t":"q","o":true,"i":"1"}"#),
            (
                Read,
                r#"{"m":"devtools-runtime:cancel","a":["xYz"],"t":"q","o":true}"#,
            ),
            (Read, r#"{"t":"s","i":"1"}"#),
            (Written, r#"{"t":"s","i":"xYz","r":null}"#),
            (Written, r#"{"t":"s","i":"unknown","r":1}"#),
        ]);
        let expected = [
            r#"{"from":"client","call":"a:b","id":1,"args":[1]}"#,
            r#"{"from":"server","call":"c:d","id":1,"optional":true,"args":[]}"#,
            r#"{"from":"client","event":"devtools-runtime:cancel","args":[1]}"#,
            r#"{"from":"client","reply":1,"to":"c:d"}"#,
            r#"{"from":"server","reply":1,"to":"a:b","result":null}"#,
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn tokens_codes_and_what_is_no_part_of_the_session_are_left_out() {
        let written = lines(&[
            (
                Read,
                r#"{"m":"anonymous:devframe:auth","a":[{"authToken":"T"}],"t":"q","i":"1"}"#,
            ),
            (
                Read,
                r#"{"m":"anonymous:devframe:auth:exchange","a":[{"code":"T"}],"t":"q","i":"2"}"#,
            ),
            (Written, r#"{"t":"s","i":"2","r":{"authToken":"T"}}"#),
            (
                Read,
                r#"{"m":"devtools-runtime:inspector:traffic","a":["T"],"t":"q","i":"3"}"#,
            ),
            (Written, r#"{"t":"s","i":"3","r":"T"}"#),
            (
                Read,
                r#"{"m":"devtools-runtime:vite:attach","a":["T"],"t":"q","i":"4"}"#,
            ),
            (Read, "{T"),
        ]);
        let expected = [
            r#"{"from":"client","call":"anonymous:devframe:auth","id":1,"leftOut":true}"#,
            r#"{"from":"client","call":"anonymous:devframe:auth:exchange","id":2,"leftOut":true}"#,
            r#"{"from":"server","reply":2,"to":"anonymous:devframe:auth:exchange","leftOut":true}"#,
            r#"{"from":"client","unreadable":2}"#,
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_session_that_has_ended_is_forgotten() {
        let mut describer = Describer::new(Redaction::default(), 100);
        let call = r#"{"m":"a:b","a":[],"t":"q","i":"1"}"#;
        for session in 1..=100 {
            describer.describe(session, Read, call).unwrap();
            describer.describe(session, Written, call).unwrap();
            describer.forget(session);
        }
        assert!(describer.last.is_empty());
        // The next session with the number has calls of its own.
        let line = |frame| format!("{frame:?}");
        let call = describer.describe(1, Read, call).map(line).unwrap();
        assert!(call.contains("id: 1,"), "{call}");
    }

    #[test]
    fn a_reply_that_comes_after_too_many_other_calls_is_not_recorded() {
        let mut describer = Describer::new(Redaction::default(), 2);
        for id in 1..=3 {
            let call = format!(r#"{{"m":"a:b","a":[],"t":"q","i":"{id}"}}"#);
            describer.describe(1, Read, &call).unwrap();
        }
        let mut is_recorded = |id: u8| {
            let reply = format!(r#"{{"t":"s","i":"{id}","r":1}}"#);
            describer.describe(1, Written, &reply).is_some()
        };
        assert_eq!([1, 2, 3].map(&mut is_recorded), [false, true, true]);
    }

    #[test]
    fn a_secret_is_left_out_of_the_name_of_a_function_and_of_what_is_thrown() {
        let mut redaction = Redaction::default();
        redaction.learn("0123456789abcdef");
        let mut describer = Describer::new(redaction, 100);
        let mut line = |direction, text: &str| {
            let frame = describer.describe(1, direction, text).unwrap();
            format!("{frame:?}")
        };
        let call = line(Read, r#"{"m":"a:0123456789abcdef","a":[],"t":"q","i":"1"}"#);
        let thrown = line(
            Written,
            r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"1"],[0,"e"],[0,"not 0123456789abcdef"]]"#,
        );
        assert!(call.contains("a:[redacted]"), "{call}");
        assert!(thrown.contains("not [redacted]"), "{thrown}");
    }

    #[test]
    fn an_error_is_taken_apart_so_that_its_data_is_redacted() {
        let written = lines(&[
            (Read, r#"{"m":"a:b","a":[],"t":"q","i":"1"}"#),
            (
                Written,
                r#"s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"1"],[0,"e"],[7,{"name":"Error","message":"no\n[code: x, data: {\"a\":2,\"password\":1}]"}]]"#,
            ),
        ]);
        assert_eq!(
            written[1],
            r#"{"from":"server","reply":1,"to":"a:b","error":{"name":"Error","message":"no","code":"x","data":{"a":2,"password":"[redacted]"}}}"#
        );
    }
}

//! What the fuzz targets run, and what must hold of everything that comes in.
//!
//! One function per target. Each takes an input of any bytes, and panics if something does not hold: what is
//! read can be written and is then read as the same, what is refused is refused by an error, and what a text
//! stands for is bounded by its length. The targets are in `fuzz/`, their seeds in `tests/corpus/`, and a
//! test in `tests/e2e/corpus.rs` runs the same functions.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::str::from_utf8;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::client;
use crate::dump::hash::hash_arguments;
use crate::function::{self, Parameter, Positional, RpcArguments};
use crate::peer::Frame;
use crate::server::{self, HeldPosts};
use crate::wire::js::{Boxed, TypedArray, Value};
use crate::wire::{
    self, BUDGET_FACTOR, Document, EncodeError, Encoding, Envelope, FrameText, MAX_DEPTH,
    MIN_BUDGET, Payload, RemoteErrorText, RequestId, WriteError,
};

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was read, and what must hold of it does.
    Read,
    /// It was refused by an error.
    Refused,
}

/// A target by its name, which is also that of its corpus.
pub type Target = (&'static str, fn(&[u8]) -> Verdict);

/// All targets.
pub const TARGETS: &[Target] = &[
    ("envelope", envelope),
    ("structured_clone", structured_clone),
    ("json_arguments", json_arguments),
    ("sse_post_body", sse_post_body),
    ("sse_events", sse_events),
];

// ---- envelopes ------------------------------------------------------------------------------

/// A frame, with everything in it decoded.
#[derive(Debug)]
enum Message {
    Request {
        method: String,
        arguments: Value,
        optional: bool,
        id: Option<RequestId>,
    },
    Success {
        id: RequestId,
        result: Option<Value>,
    },
    Failure {
        id: RequestId,
        name: String,
        message: String,
    },
}

/// A frame of a connection.
///
/// # Panics
///
/// If a message that was read is another one once it is written and read again.
pub fn envelope(frame: &[u8]) -> Verdict {
    let Some((frame, message)) = from_utf8(frame)
        .ok()
        .and_then(|frame| Some((frame, Message::read(frame)?)))
    else {
        return Verdict::Refused;
    };
    let encodings: &[Encoding] = if frame.starts_with("s:") {
        &[Encoding::StructuredClone] // JSON has no words for all that this has
    } else {
        &[Encoding::Json, Encoding::StructuredClone]
    };
    for encoding in encodings {
        let Some(text) = written(message.write(*encoding)) else {
            continue;
        };
        let again = read_again(&text);
        again.assert_is(&message);
        let text_again = written(again.write(*encoding)).unwrap_or_default();
        read_again(&text_again).assert_is(&again);
        if !message.is_lossy() {
            assert_eq!(text_again, text);
        }
    }
    Verdict::Read
}

fn read_again(text: &str) -> Message {
    Message::read(text).unwrap_or_else(|| panic!("written, but not read: {text}"))
}

impl Message {
    /// `None` if the frame is refused, or is a response that answers nothing or with an error that is none.
    fn read(frame: &str) -> Option<Self> {
        let text = FrameText::open(frame).ok()?;
        Some(match text.envelope().ok()? {
            Envelope::Request(request) => Self::Request {
                method: request.method.into_owned(),
                arguments: request.arguments.read().ok()?,
                optional: request.optional,
                id: request.id,
            },
            Envelope::Response(response) => match response.result {
                Ok(Payload::Absent) => Self::Success {
                    id: response.id?,
                    result: None,
                },
                Ok(result) => Self::Success {
                    id: response.id?,
                    result: Some(result.read().ok()?),
                },
                Err(error) => match error.read().ok()? {
                    Value::Error(error) => Self::Failure {
                        id: response.id?,
                        name: error.name,
                        message: error.message,
                    },
                    _ => return None,
                },
            },
        })
    }

    fn write(&self, encoding: Encoding) -> Result<String, WriteError> {
        match self {
            Self::Request {
                method,
                arguments,
                optional,
                id,
            } => wire::request(encoding, method, arguments, *optional, id.as_ref()),
            Self::Success { id, result } => wire::success(encoding, id, result.as_ref()),
            Self::Failure { id, name, message } => {
                wire::failure(id, RemoteErrorText { name, message })
            }
        }
    }

    fn id(&self) -> Option<Value> {
        match self {
            Self::Request { id, .. } => id.as_ref().map(value_of),
            Self::Success { id, .. } | Self::Failure { id, .. } => Some(value_of(id)),
        }
    }

    /// Whether it holds something that is read as something else once it is written.
    fn is_lossy(&self) -> bool {
        match self {
            Self::Request { arguments, .. } => is_lossy(arguments),
            Self::Success { result, .. } => result.as_ref().is_some_and(is_lossy),
            Self::Failure { .. } => false,
        }
    }

    fn assert_is(&self, before: &Self) {
        assert_eq!(self.id(), before.id());
        match (self, before) {
            (
                Self::Request {
                    method,
                    arguments,
                    optional,
                    ..
                },
                Self::Request {
                    method: method_before,
                    arguments: arguments_before,
                    optional: optional_before,
                    ..
                },
            ) => {
                assert_eq!((method, optional), (method_before, optional_before));
                assert!(is_lossy(arguments_before) || arguments == arguments_before);
            }
            (
                Self::Success { result, .. },
                Self::Success {
                    result: result_before,
                    ..
                },
            ) => assert!(before.is_lossy() || result == result_before),
            (
                Self::Failure { name, message, .. },
                Self::Failure {
                    name: name_before,
                    message: message_before,
                    ..
                },
            ) => assert_eq!((name, message), (name_before, message_before)),
            _ => panic!("{before:?} has become {self:?}"),
        }
    }
}

/// An id as JavaScript sees it.
fn value_of(id: &RequestId) -> Value {
    let value = serde_json::to_string(id).and_then(|text| serde_json::from_str(&text));
    value.unwrap_or_else(|error| panic!("the id {id} cannot be echoed: {error}"))
}

/// The text, or `None` if the value has none by its nature.
fn written(text: Result<String, WriteError>) -> Option<String> {
    match text {
        Ok(text) => Some(text),
        // Within an envelope a value is a level deeper than it may have been in JSON.
        Err(WriteError::Clone(EncodeError::InvalidDate | EncodeError::TooDeep)) => None,
        Err(error) => panic!("not written: {error}"),
    }
}

// ---- values ---------------------------------------------------------------------------------

/// A structured-clone text, without the `s:` before it.
///
/// # Panics
///
/// If the ways to read it do not agree, if a value is larger than the text pays for, or is another one once it
/// is written and read again.
pub fn structured_clone(text: &[u8]) -> Verdict {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum Choice {
        A,
        B(u8),
        C(u8, String),
        D { x: Option<u8> },
    }

    let Ok(text) = from_utf8(text) else {
        return Verdict::Refused;
    };
    // Each reader has a document of its own, because all that is read of one is paid for together.
    let open = || Document::parse(text);
    let value = open().and_then(|document| document.root().read::<Value>());
    if let Err(error) = &value {
        if error.problem().contains("too large") {
            return Verdict::Refused; // it is as large to the others, and takes them as long
        }
    }
    let json = open().and_then(|document| document.root().to_json());
    if let Ok(document) = open() {
        let root = document.root();
        let _ = (root.is_truthy(), root.as_str(), root.entries().map(drop));
        let _ = root.read::<Choice>();
        let _ = root.read::<BTreeMap<u32, &str>>();
        let _ = root.read::<(i128, f32, crate::wire::js::Bytes)>();
        let _ = root.read::<serde_json::Value>();
    }
    let Ok(value) = value else {
        assert!(json.is_err(), "JSON without a value: {json:?}");
        return Verdict::Refused;
    };
    if let Ok(json) = json {
        assert!(serde_json::from_str::<&RawValue>(&json).is_ok(), "{json}");
        // Unless it is nested too deep for `serde_json`, or holds half of a surrogate pair.
        if let Ok(read) = serde_json::from_str::<Value>(&json) {
            assert!(is_lossy(&value) || read == value, "{json}");
        }
    }
    let extent = Extent::of(&value);
    assert!(extent.depth <= MAX_DEPTH, "{} levels", extent.depth);
    let paid_for = (text.len() * BUDGET_FACTOR).max(MIN_BUDGET);
    assert!(extent.size <= paid_for, "{} values", extent.size);
    assert_settles(&value);
    Verdict::Read
}

/// Panics unless the value is the same once it is written and read again.
fn assert_settles(value: &Value) {
    let mut text = String::new();
    match wire::write_clone(&mut text, value) {
        Ok(()) => {}
        Err(EncodeError::InvalidDate) => return,
        Err(error) => panic!("not written: {error}"),
    }
    let again = Document::parse(&text).and_then(|document| document.root().read::<Value>());
    let again = again.unwrap_or_else(|error| panic!("written, but not read: {error}"));
    if is_lossy(value) {
        assert!(!is_lossy(&again), "{again:?}");
        return assert_settles(&again);
    }
    assert_eq!(&again, value);
    let mut text_again = String::new();
    let written = wire::write_clone(&mut text_again, &again);
    assert!(written.is_ok() && text_again == text, "{text_again}");
}

/// Whether a number in it has no text: written, it becomes `null`.
fn is_lossy(value: &Value) -> bool {
    match value {
        Value::Number(number) | Value::Boxed(Boxed::Number(number)) => !number.is_finite(),
        Value::Array(elements) => elements.iter().any(is_lossy),
        Value::Object(properties) => properties.iter().any(|(_, value)| is_lossy(value)),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, it)| is_lossy(key) || is_lossy(it)),
        Value::Set(members) => members.iter().any(is_lossy),
        Value::TypedArray(TypedArray::Float16(members) | TypedArray::Float32(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        Value::TypedArray(TypedArray::Float64(members)) => {
            members.iter().any(|member| !member.is_finite())
        }
        _ => false,
    }
}

/// How much a value is.
#[derive(Default)]
struct Extent {
    /// How many containers are in each other.
    depth: usize,
    /// How many values there are in all, and bytes in buffers.
    size: usize,
}

impl Extent {
    fn of(value: &Value) -> Self {
        match value {
            Value::Array(elements) => Self::around(elements.iter()),
            Value::Set(members) => Self::around(members.iter()),
            Value::Object(properties) => Self::around(properties.iter().map(|(_, value)| value)),
            Value::Map(entries) => {
                Self::around(entries.iter().flat_map(|(key, value)| [key, value]))
            }
            Value::TypedArray(members) => Self::flat(members.len()),
            Value::ArrayBuffer(bytes) | Value::DataView(bytes) => Self::flat(bytes.len()),
            _ => Self::flat(0),
        }
    }

    fn flat(members: usize) -> Self {
        Self {
            depth: 0,
            size: members + 1,
        }
    }

    fn around<'a>(members: impl Iterator<Item = &'a Value>) -> Self {
        let mut extent = Self::default();
        for member in members.map(Self::of) {
            extent.depth = extent.depth.max(member.depth);
            extent.size += member.size;
        }
        Self {
            depth: extent.depth + 1,
            size: extent.size + 1,
        }
    }
}

// ---- arguments ------------------------------------------------------------------------------

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    include_source: bool,
    #[serde(default)]
    names: Vec<String>,
    ratio: Option<f64>,
    level: Level,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Low,
    High(u8),
    Named { name: String },
}

type Arguments = (
    String,
    i64,
    Option<Options>,
    Option<BTreeMap<String, Vec<f64>>>,
    Option<Value>,
);

const PARAMETERS: &[Parameter] = &[
    Parameter::new("id", false),
    Parameter::new("count", false),
    Parameter::new("options", true),
    Parameter::new("series", true),
    Parameter::new("anything", true),
];

/// The arguments of a function, as JSON: a string, an integer, and three that may be left out.
///
/// # Panics
///
/// If an error points nowhere or says more than there is, or if arguments are others once they are written, in
/// either codec, and read again.
pub fn json_arguments(text: &[u8]) -> Verdict {
    // As they come out of an envelope: known to be JSON, and no more.
    let Ok(json) = serde_json::from_slice::<&RawValue>(text) else {
        return Verdict::Refused;
    };
    let json = json.get();
    let arguments = match function::read_json::<Arguments>(Payload::Json(json)) {
        Ok(arguments) => arguments,
        Err(misfit) => {
            let error = misfit.of("fuzz:arguments", PARAMETERS);
            assert!((1..=Arguments::COUNT + 1).contains(&error.position));
            let shown = error.to_string();
            assert!(shown.len() <= 1_000 + 8 * json.len(), "{shown}");
            return Verdict::Refused;
        }
    };
    let again = serde_json::to_string(&Positional(&arguments));
    let again = again.unwrap_or_else(|error| panic!("not written: {error}"));
    assert_reads(Payload::Json(&again), function::read_json, &arguments);
    assert_reads(Payload::Json(json), function::read_clone, &arguments);

    let mut text = String::new();
    let written = wire::write_clone(&mut text, &Positional(&arguments));
    assert!(written.is_ok(), "{written:?}: {again}");
    let Ok(document) = Document::parse(&text) else {
        panic!("written, but not read: {text}");
    };
    let payload = Payload::Clone(document.root());
    assert_reads(payload, function::read_clone, &arguments);
    // On the way from structured clone to JSON a number is what JavaScript has for numbers.
    if arguments.1.unsigned_abs() < 1 << 53 {
        assert_reads(payload, function::read_json, &arguments);
    }
    Verdict::Read
}

fn assert_reads<'f>(
    payload: Payload<'f>,
    read: impl FnOnce(Payload<'f>) -> Result<Arguments, function::Misfit>,
    expected: &Arguments,
) {
    match read(payload) {
        Ok(arguments) => assert_eq!(&arguments, expected),
        Err(misfit) => panic!("not read: {}", misfit.of("fuzz:arguments", PARAMETERS)),
    }
}

// ---- event streams --------------------------------------------------------------------------

/// The body of an event stream, as a client reads it.
///
/// # Panics
///
/// If it depends on where the stream is cut what is read, or more than the limit is kept of it.
pub fn sse_events(stream: &[u8]) -> Verdict {
    const LIMIT: usize = 256;

    let whole = client::read_events([stream], LIMIT);
    let (events, refused) = &whole;
    // What is no UTF-8 is read as U+FFFD, which has three bytes.
    assert!(events.iter().all(|event| event.len() <= 3 * LIMIT));
    assert!(events.iter().map(String::len).sum::<usize>() <= 3 * stream.len());
    for size in [1, 2, 7] {
        assert_eq!(client::read_events(stream.chunks(size), LIMIT), whole);
    }
    if *refused || events.is_empty() {
        Verdict::Refused
    } else {
        Verdict::Read
    }
}

// ---- POSTs ----------------------------------------------------------------------------------

/// The body of a POST to a session over server-sent events.
///
/// # Panics
///
/// If a body is refused in another way than it should be, or a call in it whose POST is held could not be
/// answered.
pub fn sse_post_body(body: &[u8]) -> Verdict {
    const LIMIT: usize = 1024;

    let full = Full::new(Bytes::copy_from_slice(body));
    let text = match at_once(server::read_post(full, LIMIT)) {
        Ok(text) => text,
        Err(refusal) => {
            let expected = if body.len() > LIMIT {
                StatusCode::PAYLOAD_TOO_LARGE
            } else {
                assert!(from_utf8(body).is_err(), "a text is refused");
                StatusCode::ACCEPTED
            };
            assert_eq!(refusal.status(), expected);
            return Verdict::Refused;
        }
    };
    assert_eq!(text.as_bytes(), body);
    assert!(body.len() <= LIMIT);
    let Some(id) = server::call_id(&text) else {
        return Verdict::Refused;
    };
    let held = Arc::new(HeldPosts::default());
    let error = RemoteErrorText {
        name: "Error",
        message: &text,
    };
    let replies = [
        wire::failure(&id, error),
        wire::success(Encoding::Json, &id, Some(&text)),
        wire::success(Encoding::StructuredClone, &id, Some(&text)),
        wire::success::<()>(Encoding::Json, &id, None),
        wire::success::<()>(Encoding::StructuredClone, &id, None),
    ];
    for reply in replies {
        let reply = reply.unwrap_or_else(|error| panic!("{id} cannot be answered: {error}"));
        let post = held.hold(&id);
        let of_another = wire::success::<()>(Encoding::Json, &RequestId::from(0), None);
        let passes = of_another.is_ok_and(|frame| held.answer(Frame::from(frame)).is_some());
        assert!(passes || id == RequestId::from(0), "taken from another");
        if !passes {
            continue;
        }
        assert!(held.answer(Frame::from(reply.clone())).is_none(), "{reply}");
        let answer = at_once(post.reply());
        assert_eq!(answer.as_ref().map(Frame::as_str), Some(reply.as_str()));
    }
    Verdict::Read
}

/// What a future that waits for nothing resolves to.
fn at_once<F: Future<Output: fmt::Debug>>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

// ---- for tests ------------------------------------------------------------------------------

/// Arguments as structured-clone text, and their hash, or why there is none.
pub fn hashed(arguments: &[Value]) -> (Result<String, String>, Result<String, String>) {
    let mut text = String::new();
    let written = wire::write_clone(&mut text, arguments);
    let hash = hash_arguments(arguments);
    (
        written.map(|()| text).map_err(|error| error.to_string()),
        hash.map(|hash| hash.to_string())
            .map_err(|error| error.to_string()),
    )
}

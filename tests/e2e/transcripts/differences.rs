//! Where this server may answer otherwise than the recorded one, and why.
//!
//! Anything that is not listed here fails the replay, and so does what is listed and not met.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::functions::Declared;
use crate::recording::{Message, message_of, string_of, undefined};

/// In which respect two frames differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The same is said in the other codec.
    Codec,
    /// The message of an error.
    Text,
    /// The thrown value is no error, and arrives as the error that a client makes of it.
    NotAnError,
    /// `null` stands for `undefined`.
    Null,
    /// Another result.
    Result,
    /// An error in place of a result.
    Refused,
    /// A result in place of an error.
    Succeeded,
    /// An answer where the recorded server gave none.
    Answered,
    /// No answer where the recorded server gave one.
    Unanswered,
    /// The status of an HTTP answer.
    Status,
    /// A reply that was sent before one that came first in the recording.
    Order,
    /// The end of the connection.
    Close,
}

/// One difference that is known.
#[derive(Debug)]
pub(crate) struct Known {
    /// A transcript, a group of them with its slash, or nothing for all.
    transcript: &'static str,
    /// The subject of the frame: a method, the beginning of one with a `*`, or the id where a method would not tell.
    about: &'static str,
    kind: Kind,
    /// Whether it is met only where functions are declared [as usual](crate::functions::Declared::AsUsual).
    usual: bool,
    because: &'static str,
}

pub(crate) const fn known(
    transcript: &'static str,
    about: &'static str,
    kind: Kind,
    because: &'static str,
) -> Known {
    Known {
        transcript,
        about,
        kind,
        usual: false,
        because,
    }
}

const fn usual(
    transcript: &'static str,
    about: &'static str,
    kind: Kind,
    because: &'static str,
) -> Known {
    Known {
        usual: true,
        ..known(transcript, about, kind, because)
    }
}

pub(crate) const BUILT_IN_JSON: &str =
    "the server's own functions are written as JSON, which every client reads";
const JSON: &str =
    "functions are declared JSON unless they say otherwise, and every client reads it";
pub(crate) const UNDEFINED_IN_JSON: &str = "in JSON, Rust values have `null` alone for `undefined`";
const JSON_FORM: &str = "the types of structured clone have a JSON form, so that nothing is refused that can be written";
pub(crate) const TEXTS: &str = "the texts of diagnostics are each server's own";
const ARRAYS_ONLY: &str =
    "arguments that are no array are refused, as docs/protocol.md 1.4 asks for";
const PRIMITIVE_IDS: &str =
    "an id that is an object is refused, because a short text can stand for one of any size";
const ERRORS_ONLY: &str = "Rust functions fail with errors only";

/// The differences that hold everywhere.
pub(crate) const EVERYWHERE: &[Known] = &[
    known("", "anonymous:devframe:auth", Kind::Codec, BUILT_IN_JSON),
    usual("", "proto:*", Kind::Codec, JSON),
    usual("", "proto:*", Kind::Null, UNDEFINED_IN_JSON),
];

/// The differences of some transcripts over a WebSocket.
pub(crate) const OVER_WEBSOCKETS: &[Known] = &[
    known(
        "cache/",
        "devframe:rpc:cacheable-functions",
        Kind::Codec,
        BUILT_IN_JSON,
    ),
    known(
        "cache/",
        "devframe:rpc:cache:invalidate",
        Kind::Codec,
        BUILT_IN_JSON,
    ),
    known(
        "query/basic",
        "6ie6YnqMs_NdElIVxLohI",
        Kind::Refused,
        "Rust values are trees: arguments that contain themselves are refused",
    ),
    known(
        "error/unknown-function",
        "proto:no-handler",
        Kind::Text,
        "a function without a handler cannot be defined, so the name is unknown",
    ),
    known(
        "error/throws",
        "proto:throw-dom",
        Kind::NotAnError,
        ERRORS_ONLY,
    ),
    known(
        "error/throws",
        "proto:throw-string",
        Kind::NotAnError,
        ERRORS_ONLY,
    ),
    known(
        "error/throws",
        "proto:throw-object",
        Kind::NotAnError,
        ERRORS_ONLY,
    ),
    known(
        "error/throws",
        "proto:throw-number",
        Kind::NotAnError,
        ERRORS_ONLY,
    ),
    known("error/schema", "proto:schema", Kind::Text, TEXTS),
    known("error/schema", "proto:bad-returns", Kind::Text, TEXTS),
    known(
        "error/unserializable-result",
        "proto:unserializable",
        Kind::Answered,
        "a caller must not wait for ever because a result cannot be written (docs/protocol.md 1.5)",
    ),
    known(
        "cache/invalidate-on-register",
        "devframe:rpc:cacheable-functions",
        Kind::Result,
        "only static functions are cacheable: queries cannot be marked",
    ),
    known("raw/odd-frames", "raw6", Kind::Refused, ARRAYS_ONLY),
    known(
        "raw/odd-frames",
        "proto:add",
        Kind::Unanswered,
        PRIMITIVE_IDS,
    ),
    known("raw/odd-frames", "raw7", Kind::Text, TEXTS),
    known("raw/odd-frames", "raw13", Kind::Refused, ARRAYS_ONLY),
    known(
        "json/",
        "devframe:rpc:server-state:get",
        Kind::Result,
        "the recorded transport was built by hand and had no services",
    ),
    known(
        "json/both-sides",
        "proto:json-undefined",
        Kind::Null,
        UNDEFINED_IN_JSON,
    ),
    known(
        "json/df0020-args",
        "devframe:rpc:server-state:get",
        Kind::Order,
        "replies leave in the order in which calls end (docs/protocol.md 1.6)",
    ),
    known(
        "streaming/replay-error-lost",
        "devframe:streaming:end",
        Kind::Refused,
        "a stream that failed fails for late subscribers too, and is not taken for one that succeeded",
    ),
    usual("streaming/", "devframe:streaming:chunk", Kind::Codec, JSON),
    usual(
        "json/client-only",
        "proto:json-bad-map",
        Kind::Result,
        JSON_FORM,
    ),
    usual(
        "json/client-only",
        "proto:json-bad-hole",
        Kind::Result,
        UNDEFINED_IN_JSON,
    ),
    known(
        "json/df0020-result",
        "proto:json-bad-map",
        Kind::Answered,
        JSON_FORM,
    ),
    known(
        "json/df0020-result",
        "proto:json-bad-date",
        Kind::Answered,
        JSON_FORM,
    ),
    known(
        "json/df0020-result",
        "proto:json-bad-hole",
        Kind::Answered,
        JSON_FORM,
    ),
    known(
        "json/df0020-result-with-hook",
        "proto:json-bad-map",
        Kind::Succeeded,
        JSON_FORM,
    ),
    known(
        "json/df0020-result-with-hook",
        "proto:json-bad-date",
        Kind::Succeeded,
        JSON_FORM,
    ),
    known(
        "json/df0020-result-with-hook",
        "proto:json-bad-hole",
        Kind::Succeeded,
        JSON_FORM,
    ),
    known(
        "json/df0020-result-with-hook",
        "proto:unserializable",
        Kind::Text,
        TEXTS,
    ),
    known(
        "ws/server-close",
        "",
        Kind::Close,
        "a closing handshake tells the client the same: it is disconnected, clean or not (docs/protocol.md 3.5)",
    ),
];

impl Known {
    fn covers(&self, is_usual: bool, difference: &Difference) -> bool {
        let here = if self.transcript.ends_with('/') || self.transcript.is_empty() {
            difference.transcript.starts_with(self.transcript)
        } else {
            difference.transcript == self.transcript
        };
        let about = match self.about.strip_suffix('*') {
            Some(start) => difference.method.starts_with(start),
            None => difference.method == self.about || difference.id == self.about,
        };
        here && about && self.kind == difference.kind && (is_usual || !self.usual)
    }
}

/// A difference that was met.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) transcript: String,
    pub(crate) method: String,
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) recorded: String,
    pub(crate) ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transcript,
            method,
            id,
            kind,
            recorded,
            ours,
        } = self;
        writeln!(f, "{transcript}, {method}, {id:?}: {kind:?}")?;
        writeln!(f, "  recorded: {recorded}\n  ours: {ours}")
    }
}

/// In what the answer to a call differs from the recorded one, which has the same id.
pub(crate) fn between(recorded: &Message, ours: &Message) -> BTreeSet<Kind> {
    let (theirs, answered) = (recorded.result(), ours.result());
    let mut kinds = BTreeSet::new();
    // Errors always are structured clone.
    if recorded.codec != ours.codec && theirs.is_ok() == answered.is_ok() {
        kinds.insert(Kind::Codec);
    }
    kinds.extend(match (theirs, answered) {
        (Ok(theirs), Ok(ours)) if theirs == ours => None,
        (Ok(theirs), Ok(Value::Null)) if theirs == undefined() => Some(Kind::Null),
        (Ok(_), Ok(_)) => Some(Kind::Result),
        (Err(theirs), Err(ours)) if theirs == ours => None,
        (Err(theirs), Err(ours)) => Some(between_errors(&theirs, &ours)),
        (Ok(_), Err(_)) => Some(Kind::Refused),
        (Err(_), Ok(_)) => Some(Kind::Succeeded),
    });
    kinds
}

/// Whether two pushes of the server are of one codec, and what stands for the recorded id: that of a call, or of a
/// change that the server has made. Fails if they say different things.
pub(crate) fn pushed(
    mut recorded: Message,
    mut ours: Message,
    is_of_client: impl FnOnce(&str) -> bool,
) -> (bool, Option<(String, String)>) {
    assert!(ours.is_request(), "{recorded}\nbut got {ours}");
    let renamed = match (recorded.fields.remove("i"), ours.fields.remove("i")) {
        (Some(Value::String(theirs)), Some(Value::String(ours))) => Some((theirs, ours)),
        (None, None) if recorded.method().starts_with("devframe:rpc:client-state:") => {
            let id = |message: &Message| message.fields["a"][2].as_str().unwrap().to_owned();
            let (theirs, own) = (id(&recorded), id(&ours));
            if is_of_client(&theirs) {
                None
            } else {
                recorded.fields["a"][2] = own.clone().into();
                Some((theirs, own))
            }
        }
        (None, None) => None,
        (theirs, ours) => panic!("{recorded}: {theirs:?} and {ours:?} are no two ids"),
    };
    assert_eq!(recorded.fields, ours.fields);
    (recorded.codec == ours.codec, renamed)
}

fn between_errors(recorded: &Value, ours: &Value) -> Kind {
    let message = message_of(ours).unwrap_or_else(|| panic!("{ours} is no error"));
    let Some(expected) = message_of(recorded) else {
        let made = string_of(recorded);
        assert_eq!(message, made, "what a client makes of {recorded}");
        return Kind::NotAnError;
    };
    // These two are what clients recognise (`docs/protocol.md` 1.4 and 4.4).
    let is_recognised = expected.starts_with("[birpc] function ")
        || expected.ends_with("was rejected: the caller is not authorized.");
    assert!(!is_recognised, "{expected} was answered with {message}");
    Kind::Text
}

/// The replayed transcripts, and their results.
#[derive(Debug)]
pub(crate) struct Tally {
    known: &'static [Known],
    is_usual: bool,
    pub(crate) transcripts: usize,
    pub(crate) connections: usize,
    /// Frames and requests that were sent.
    pub(crate) sent: usize,
    /// Frames and answers of the server that were compared.
    pub(crate) compared: usize,
    /// Those of them that say the same.
    pub(crate) alike: usize,
    /// Those that say the same in the other codec.
    recoded: usize,
    differences: Vec<Difference>,
}

impl Tally {
    /// Nothing yet. `known` is what may differ, beside what may everywhere.
    pub(crate) fn new(known: &'static [Known], declared: Declared) -> Self {
        Self {
            known,
            is_usual: declared == Declared::AsUsual,
            transcripts: 0,
            connections: 0,
            sent: 0,
            compared: 0,
            alike: 0,
            recoded: 0,
            differences: Vec::new(),
        }
    }

    /// Counts one frame of the server's, which differs in these respects.
    pub(crate) fn count(&mut self, differences: Vec<Difference>) {
        self.compared += 1;
        let mut kinds = differences.iter().map(|difference| difference.kind);
        if kinds.all(|kind| kind == Kind::Codec) {
            self.alike += 1;
            self.recoded += differences.len();
        }
        self.differences.extend(differences);
    }

    /// Notes what the recorded server did not do.
    pub(crate) fn beyond(&mut self, difference: Difference) {
        self.differences.push(difference);
    }

    /// Says how it went, with every difference that was met. Fails if one is not listed.
    pub(crate) fn print(&self, title: &str) {
        let (mut lines, mut unlisted) = (BTreeMap::new(), Vec::new());
        for difference in &self.differences {
            let mut known = self.known.iter().chain(EVERYWHERE);
            let known = known.find(|known| known.covers(self.is_usual, difference));
            let Some(known) = known else {
                unlisted.push(difference.to_string());
                continue;
            };
            let at = match known.transcript {
                "" => "everywhere",
                at => at,
            };
            let line = format!("{at}, {}: {:?}: {}", known.about, known.kind, known.because);
            *lines.entry(line).or_insert(0) += 1;
        }
        for (line, count) in lines {
            println!("    {count} × {line}");
        }
        let beyond = self.differences.iter();
        let beyond = beyond.filter(|difference| difference.kind == Kind::Answered);
        let Self {
            transcripts,
            connections,
            sent,
            compared,
            alike,
            recoded,
            ..
        } = self;
        println!(
            "{title}: {transcripts} replayed, {connections} connections, {sent} frames sent, {alike} of {compared} frames match ({recoded} in the other codec); {} differ as listed, {} more are answered",
            compared - alike,
            beyond.count(),
        );
        assert!(unlisted.is_empty(), "not listed:\n{}", unlisted.concat());
    }
}

/// Fails if a listed difference is not met any more.
pub(crate) fn are_all_met(known: &[Known], tallies: &[&Tally]) {
    for known in known {
        let mut tallies = tallies.iter();
        let is_met = tallies.any(|tally| {
            let mut differences = tally.differences.iter();
            differences.any(|difference| known.covers(tally.is_usual, difference))
        });
        assert!(is_met, "this difference is listed and not met: {known:#?}");
    }
}

//! The recordings, and what a frame says whichever codec it is written in.
//!
//! A frame is read into plain JSON, where whatever JSON has no word for is an object with a `$`: the
//! reader here is the test's own, so that the crate is not compared with itself.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

pub(crate) const TRANSCRIPTS: &str = include_str!("../../vectors/transcripts.json");

/// One capture of the JavaScript server.
#[derive(Debug, Deserialize)]
pub(crate) struct Transcript {
    pub(crate) name: String,
    /// How the JavaScript server was set up.
    #[serde(default)]
    pub(crate) server: String,
    #[serde(default)]
    pub(crate) connections: Vec<Connection>,
    /// The actions on the server, and their times.
    #[serde(default)]
    pub(crate) marks: Vec<Mark>,
    /// The results that the calling code saw.
    #[serde(default)]
    pub(crate) outcomes: Vec<Value>,
    /// The requests and answers of a session over server-sent events.
    #[serde(default)]
    pub(crate) exchange: Vec<Value>,
    /// The upgrades that were tried.
    #[serde(default)]
    pub(crate) rows: Vec<Value>,
    /// The answer to one request.
    #[serde(default)]
    pub(crate) http: Value,
}

/// A WebSocket connection.
#[derive(Debug, Deserialize)]
pub(crate) struct Connection {
    pub(crate) path: String,
    pub(crate) frames: Vec<Frame>,
    pub(crate) close: Option<Close>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Close {
    pub(crate) by: String,
    pub(crate) code: u16,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Frame {
    pub(crate) dir: Direction,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) binary: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Direction {
    #[serde(rename = "c2s")]
    ToServer,
    #[serde(rename = "s2c")]
    ToClient,
}

/// The action just before a frame.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mark {
    pub(crate) connection: usize,
    pub(crate) after_frame: usize,
    pub(crate) text: String,
}

pub(crate) fn transcripts() -> Vec<Transcript> {
    #[derive(Deserialize)]
    struct File {
        transcripts: Vec<Transcript>,
    }

    let file: File = serde_json::from_str(TRANSCRIPTS).unwrap();
    file.transcripts
}

pub(crate) fn transcript(name: &str) -> Transcript {
    let mut all = transcripts().into_iter();
    all.find(|transcript| transcript.name == name).unwrap()
}

impl Transcript {
    /// Returns the part of the name before its first slash.
    pub(crate) fn group(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// Returns the result that the calling code saw under this label.
    pub(crate) fn outcome(&self, label: &str) -> Option<Result<Value, String>> {
        let mut outcomes = self.outcomes.iter();
        let outcome = outcomes.find(|outcome| outcome["label"] == label)?;
        Some(match outcome.get("error") {
            Some(error) => Err(error["message"].as_str().unwrap().to_owned()),
            None => Ok(untagged(&outcome["ok"])),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Json,
    StructuredClone,
}

/// The content of a frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) codec: Codec,
    pub(crate) fields: Map<String, Value>,
}

impl Message {
    /// Reads a frame; `None` if it is no envelope.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (codec, value) = match text.strip_prefix("s:") {
            Some(records) => {
                let records: Vec<Value> = serde_json::from_str(records).ok()?;
                (
                    Codec::StructuredClone,
                    record(&records, 0, &mut Vec::new())?,
                )
            }
            None => (Codec::Json, plain(serde_json::from_str(text).ok()?)),
        };
        match value {
            Value::Object(fields) => Some(Self { codec, fields }),
            _ => None,
        }
    }

    pub(crate) fn is_request(&self) -> bool {
        self.fields.get("t").is_some_and(|t| t == "q")
    }

    /// The id, unless JavaScript holds it for false.
    pub(crate) fn id(&self) -> Option<&Value> {
        self.fields.get("i").filter(|id| is_truthy(id))
    }

    pub(crate) fn method(&self) -> &str {
        let method = self.fields.get("m").and_then(Value::as_str);
        method.unwrap_or("undefined")
    }

    /// The result, or the error that is sent in its place.
    pub(crate) fn result(&self) -> Result<Value, Value> {
        match self.fields.get("e").filter(|error| is_truthy(error)) {
            Some(error) => Err(error.clone()),
            // A missing `r` is an undefined one (`docs/protocol.md` 1.2).
            None => Ok(self.fields.get("r").cloned().unwrap_or_else(undefined)),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.codec, Value::Object(self.fields.clone()))
    }
}

pub(crate) fn undefined() -> Value {
    json!({ "$": "undefined" })
}

/// The message of an `Error`.
pub(crate) fn message_of(error: &Value) -> Option<&str> {
    (error["$"] == "Error").then(|| error["message"].as_str())?
}

/// Returns the result of JavaScript's `String(value)`, and so the message that a client gives a thrown value.
pub(crate) fn string_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => "[object Object]".to_owned(),
        other => other.to_string(),
    }
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) => true,
        Value::Object(_) => *value != undefined(),
    }
}

/// A record of structured-clone text, and what it refers to. `path` is the way to it, which tells a cycle.
fn record(records: &[Value], index: usize, path: &mut Vec<usize>) -> Option<Value> {
    if let Some(up) = path.iter().rev().position(|at| *at == index) {
        return Some(json!({ "$": "cycle", "up": up }));
    }
    let (tag, payload) = match records.get(index)?.as_array()?.as_slice() {
        [tag] => (tag, None),
        [tag, payload] => (tag, Some(payload)),
        _ => return None,
    };
    path.push(index);
    let mut at = |index: &Value| {
        let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
        record(records, index?, path)
    };
    let mut members = || -> Option<Vec<Value>> {
        let members = payload?.as_array()?;
        members.iter().map(&mut at).collect()
    };
    let value = match (tag.as_i64(), tag.as_str()) {
        (Some(-1), _) => undefined(),
        (Some(0), _) => plain(payload?.clone()),
        (Some(1), _) => Value::Array(members()?),
        (Some(2), _) => {
            let pairs = payload?.as_array()?.iter();
            let pairs = pairs.map(|pair| {
                let key = at(pair.get(0)?)?.as_str()?.to_owned();
                Some((key, at(pair.get(1)?)?))
            });
            Value::Object(pairs.collect::<Option<_>>()?)
        }
        (Some(3), _) => json!({ "$": "Date", "is": payload? }),
        (Some(4), _) => json!({ "$": "RegExp", "is": payload? }),
        (Some(5), _) => {
            let pairs = payload?.as_array()?.iter();
            let pairs = pairs.map(|pair| Some(json!([at(pair.get(0)?)?, at(pair.get(1)?)?])));
            json!({ "$": "Map", "is": pairs.collect::<Option<Vec<_>>>()? })
        }
        (Some(6), _) => json!({ "$": "Set", "is": members()? }),
        (Some(7), _) => {
            let (name, message) = (payload?.get("name")?, payload?.get("message")?);
            json!({ "$": "Error", "name": name, "message": message })
        }
        (Some(8), _) => json!({ "$": "BigInt", "is": payload? }),
        (_, Some(class)) => json!({ "$": class, "is": payload? }),
        _ => return None,
    };
    path.pop();
    Some(value)
}

/// A JSON value in which a number is written in one way only.
fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(usual(&number)),
        Value::Array(members) => members.into_iter().map(plain).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            members.map(|(key, value)| (key, plain(value))).collect()
        }
        other => other,
    }
}

fn usual(number: &Number) -> Number {
    // JavaScript tells neither 1 from 1.0 nor, in JSON, 0 from -0.
    let whole = number.as_f64().filter(|float| float.fract() == 0.0);
    let whole = whole.and_then(|float| format!("{:.0}", float + 0.0).parse::<i64>().ok());
    whole.map_or_else(|| number.clone(), Number::from)
}

/// A value as outcomes have it, as frames are read here.
fn untagged(value: &Value) -> Value {
    let is = &value["v"];
    match value["$"].as_str().unwrap() {
        "undefined" => undefined(),
        "null" => Value::Null,
        "array" => is.as_array().unwrap().iter().map(untagged).collect(),
        "object" => {
            let pairs = is.as_array().unwrap().iter();
            let key = |pair: &Value| untagged(&pair[0]).as_str().unwrap().to_owned();
            pairs.map(|pair| (key(pair), untagged(&pair[1]))).collect()
        }
        "num" | "str" | "bool" => plain(is.clone()),
        other => panic!("no outcome that is compared holds a {other}"),
    }
}

//! The arguments of a function, as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Verdict;
use crate::function::{self, Parameter, Positional, RpcArguments};
use crate::wire::js::Value;
use crate::wire::{self, Document, Payload};

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
    read: impl FnOnce(Payload<'f>) -> Result<Arguments, function::ArgumentProblem>,
    expected: &Arguments,
) {
    match read(payload) {
        Ok(arguments) => assert_eq!(&arguments, expected),
        Err(misfit) => panic!("not read: {}", misfit.of("fuzz:arguments", PARAMETERS)),
    }
}

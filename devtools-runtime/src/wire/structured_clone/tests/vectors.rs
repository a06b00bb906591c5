//! Compares the texts and values of the JavaScript library with ours.

use std::{
    collections::{BTreeMap, HashSet},
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    super::{DecodeError, Document, to_string},
    described::{Unholdable, Use, describe},
};
use crate::wire::js::Value;

const VECTORS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/vectors/structured-clone.json"
);

/// Texts that JavaScript accepts and we refuse, with the reason.
const STRICTER: &[(&str, &str)] = &[
    ("text/object-indexed", NO_ARRAY),
    ("index/string-digit", NO_INDEX),
    ("index/string-self", NO_INDEX),
    ("index/array", NO_INDEX),
    ("array/self", CYCLE),
    ("array/self-twice", CYCLE),
    ("array/value-string", NO_ARRAY),
    ("object/array-key", NO_KEY),
    ("object/object-key", NO_KEY),
    ("object/pair-too-long", NO_PAIR),
    ("object/pair-string", NO_PAIR),
    ("object/cycle-key", NO_KEY),
    (
        "date/local-no-zone",
        "the moment depends on the machine that reads it",
    ),
    ("date/rfc2822", "a form that only engines define"),
    ("regexp/string", "no source is meant by it"),
    ("map/self-key", CYCLE),
    ("set/self", CYCLE),
    ("error/string", "no message is meant by it"),
    ("bigint/array", NO_CONVERSION),
    ("boxed/boolean-string", NO_CONVERSION),
    ("boxed/boolean-missing", NO_CONVERSION),
    ("boxed/number-string", NO_CONVERSION),
    ("boxed/number-garbage", NO_CONVERSION),
    ("boxed/string-number", NO_CONVERSION),
    ("boxed/string-missing", NO_CONVERSION),
    ("typed/length-number", LENGTH),
    ("typed/string", NO_ARRAY),
    ("typed/object-array-like", NO_ARRAY),
    ("typed/null", NO_ARRAY),
    ("typed/missing", NO_ARRAY),
    ("typed/strings", NO_CONVERSION),
    ("typed/nested", NO_CONVERSION),
    ("arraybuffer/length", LENGTH),
    ("arraybuffer/missing", NO_ARRAY),
    ("dataview/length", LENGTH),
];

const CYCLE: &str = "a value that contains itself has no form in Rust";
const LENGTH: &str = "a text must not order memory it does not fill";
const NO_ARRAY: &str = "an array is expected, and only an array is one";
const NO_CONVERSION: &str = "a payload of another type than its tag says is a mistake";
const NO_INDEX: &str = "an index is a number";
const NO_KEY: &str = "a key that JavaScript has to convert from an object is a mistake";
const NO_PAIR: &str = "a pair is an array of two";

/// Texts that we accept and the JavaScript of the vectors refuses, with the reason.
const MORE_LENIENT: &[(&str, &str)] = &[
    ("regexp/bad-source", "a pattern is text here"),
    ("typed/float16", "newer engines have it"),
    ("error/AggregateError-no-message", AGGREGATE),
];

/// Texts that both accept, but read as different values.
const DIFFERENT: &[(&str, &str)] = &[
    ("object/own-proto-key", PROTO),
    ("object/proto-key-object", PROTO),
    ("object/proto-key-number", PROTO),
    ("object/proto-key-null", PROTO),
    ("error/AggregateError", AGGREGATE),
];

const AGGREGATE: &str = "the message is a message, not a list of errors";
const PROTO: &str = "`__proto__` is a key like any other";

/// Cases whose description differs from the value that JavaScript had.
const NOT_AS_DESCRIBED: &[(&str, &str)] = &[
    ("object/url", "a class with toJSON"),
    (
        "object/dom-exception",
        "a class that is no Error to the encoder",
    ),
    ("error/to-string-tag", "a class that names itself"),
    (
        "dataview/offset",
        "the part of the buffer that is not in view is written too",
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    cases: Vec<Case>,
    decode_only: Vec<Foreign>,
    generated: Vec<Generated>,
}

/// A value, and the text that JavaScript wrote for it.
#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    /// The value that the text reads as.
    json: Box<RawValue>,
    /// The value that was written, if it differs.
    input: Option<Box<RawValue>>,
    /// The text that is written for the value that was read, if it differs.
    reencoded: Option<String>,
}

/// A text that JavaScript does not write itself.
#[derive(Deserialize)]
struct Foreign {
    name: String,
    text: String,
    /// The value that it reads as. `None` if it is refused.
    value: Option<Box<RawValue>>,
}

/// A text that is too large for the file.
#[derive(Deserialize)]
struct Generated {
    name: String,
    n: usize,
    /// The length of the array that it reads as. `None` if it is refused.
    length: Option<usize>,
}

fn vectors() -> Vectors {
    serde_json::from_str(&std::fs::read_to_string(VECTORS).unwrap()).unwrap()
}

fn read(text: &str) -> Result<Value, DecodeError> {
    Document::parse(text)?.root().read()
}

fn listed(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(listed, _)| *listed == name)
}

/// Returns the value as JavaScript reads it, which does not keep unknown classes of errors.
fn as_in_javascript(value: Value) -> Value {
    const CLASSES: [&str; 6] = [
        "EvalError",
        "RangeError",
        "ReferenceError",
        "SyntaxError",
        "TypeError",
        "URIError",
    ];
    match value {
        Value::Error(mut error) => {
            if !CLASSES.contains(&error.name.as_str()) {
                error.name = "Error".to_owned();
            }
            Value::Error(error)
        }
        Value::Array(members) => Value::Array(members.into_iter().map(as_in_javascript).collect()),
        other => other,
    }
}

/// Compares the result of reading a text with JavaScript's.
#[derive(Debug, PartialEq, Eq, Hash, Clone, Copy, PartialOrd, Ord)]
enum Outcome {
    Equal,
    BothRefuse,
    Stricter,
    MoreLenient,
    Different,
}

fn compare(text: &str, expected: Option<&RawValue>) -> Outcome {
    let expected = expected.map(|expected| describe(expected, Use::Compare));
    match (read(text).map(as_in_javascript), expected) {
        (Ok(value), Some(Ok(expected))) if value == expected => Outcome::Equal,
        (Ok(_), Some(_)) => Outcome::Different,
        (Ok(_), None) => Outcome::MoreLenient,
        (Err(_), Some(_)) => Outcome::Stricter,
        (Err(_), None) => Outcome::BothRefuse,
    }
}

fn expected_outcome(name: &str, accepted: bool) -> Outcome {
    if listed(STRICTER, name) || name.starts_with("cycle/") {
        Outcome::Stricter
    } else if listed(MORE_LENIENT, name) {
        Outcome::MoreLenient
    } else if listed(DIFFERENT, name) {
        Outcome::Different
    } else if accepted {
        Outcome::Equal
    } else {
        Outcome::BothRefuse
    }
}

#[test]
fn texts_mean_what_they_mean_in_javascript() {
    let Vectors {
        cases, decode_only, ..
    } = vectors();
    let mut cases: Vec<_> = cases
        .into_iter()
        .map(|case| ("cases", case.name, case.text, Some(case.json)))
        .collect();
    cases.extend(
        decode_only
            .into_iter()
            .map(|it| ("decodeOnly", it.name, it.text, it.value)),
    );
    let listed_names: HashSet<_> = cases.iter().map(|(_, name, ..)| name.clone()).collect();
    let mut outcomes = BTreeMap::new();
    let mut wrong = Vec::new();
    for (list, name, text, expected) in cases {
        let outcome = compare(&text, expected.as_deref());
        if outcome != expected_outcome(&name, expected.is_some()) {
            wrong.push(format!(
                "{name} {text}: {outcome:?}, read as {:?}",
                read(&text)
            ));
        }
        *outcomes.entry((list, outcome)).or_insert(0) += 1;
    }
    println!("decoded: {outcomes:?}");
    for (name, reason) in STRICTER.iter().chain(MORE_LENIENT).chain(DIFFERENT) {
        assert!(
            listed_names.contains(*name),
            "no text is called {name} ({reason})"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        outcomes,
        BTreeMap::from([
            (("cases", Outcome::Equal), 202),
            (("cases", Outcome::Stricter), 8),
            (("cases", Outcome::Different), 1),
            (("decodeOnly", Outcome::Equal), 57),
            (("decodeOnly", Outcome::BothRefuse), 77),
            (("decodeOnly", Outcome::Stricter), 35),
            (("decodeOnly", Outcome::MoreLenient), 3),
            (("decodeOnly", Outcome::Different), 4),
        ])
    );
}

#[test]
fn values_are_written_as_javascript_writes_them() {
    let mut written = 0;
    let mut skipped = BTreeMap::new();
    for Case {
        name,
        text,
        json,
        input,
        ..
    } in vectors().cases
    {
        let reason = match describe(&input.unwrap_or(json), Use::Write) {
            Err(reason) => reason,
            Ok(_) if listed(NOT_AS_DESCRIBED, &name) => Unholdable::Class,
            Ok(value) => {
                assert_eq!(to_string(&value).unwrap(), text, "{name}");
                written += 1;
                continue;
            }
        };
        *skipped.entry(reason).or_insert(0) += 1;
    }
    println!("encoded: {written} byte for byte, skipped {skipped:?}");
    assert_eq!(written, 176);
    assert_eq!(
        skipped,
        BTreeMap::from([
            (Unholdable::Cycle, 8),
            (Unholdable::Shared, 7),
            (Unholdable::LoneSurrogate, 2),
            (Unholdable::Function, 9),
            (Unholdable::Symbol, 3),
            (Unholdable::Class, 6),
        ])
    );
}

#[test]
fn what_is_read_is_written_again() {
    let mut again = 0;
    for Case {
        name,
        text,
        json,
        reencoded,
        ..
    } in vectors().cases
    {
        if describe(&json, Use::Write).is_err() || listed(DIFFERENT, &name) {
            continue;
        }
        let value = as_in_javascript(read(&text).unwrap());
        assert_eq!(
            to_string(&value).unwrap(),
            reencoded.unwrap_or(text),
            "{name}"
        );
        again += 1;
    }
    println!("read and written again: {again}");
    assert_eq!(again, 194);
}

#[test]
fn oversized_texts_are_read_or_refused() {
    let generated = vectors().generated;
    assert_eq!(generated.len(), 6);
    for Generated { name, n, length } in generated {
        let text = if name.starts_with("chain-of-") {
            let arrays: Vec<_> = (1..n).map(|next| format!("[1,[{next}]],")).collect();
            format!("[{}[0,\"leaf\"]]", arrays.concat())
        } else if name.starts_with("raw-json-brackets-") {
            "[".repeat(n) + &"]".repeat(n)
        } else {
            format!("[[1,[{}]],[0,0]]", vec!["1"; n].join(","))
        };
        let value = on_a_small_stack(move || read(&text));
        match length {
            Some(length) => {
                assert_eq!(
                    value.unwrap(),
                    Value::Array(vec![Value::Number(0.0); length])
                );
            }
            None => assert!(value.is_err(), "{name}"),
        }
    }
}

/// Runs a test on a small stack, such as the threads of a server may have. A test that hangs fails.
pub(super) fn on_a_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (ends, ended) = mpsc::channel::<()>();
    let run = move || {
        let _ends = ends;
        run()
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    // Nothing is sent. The other end is dropped when the thread ends or panics.
    let timed_out = ended.recv_timeout(Duration::from_secs(120)) == Err(RecvTimeoutError::Timeout);
    assert!(!timed_out, "it does not end");
    thread.unwrap().join().unwrap()
}

/// Returns all texts of the file, as seeds for mutated ones.
pub(super) fn texts() -> Vec<String> {
    let Vectors {
        cases, decode_only, ..
    } = vectors();
    let cases = cases.into_iter().map(|case| case.text);
    cases
        .chain(decode_only.into_iter().map(|it| it.text))
        .collect()
}

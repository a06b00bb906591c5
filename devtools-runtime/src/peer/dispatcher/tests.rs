//! Frames that are made to cost much more than their length. The tests count the steps of reading, which are bytes, because
//! the time depends on the machine.

use std::any::{Any, TypeId};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Dispatcher;
use crate::function::{Registry, Scope, SharedScope, read_clone};
use crate::peer::{AccessCell, ConnectionAccess, Functions, Limits};
use crate::wire::{Envelope, FrameText, js};

struct Nothing;

impl Scope for Nothing {
    fn find(&self, _: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}

/// Makes a dispatcher without functions, whose other side has this access.
fn dispatcher(access: ConnectionAccess) -> Dispatcher {
    let functions = Functions::new(
        Registry::new().subscribe(),
        Arc::new(Nothing) as SharedScope,
    );
    let access = Arc::new(AccessCell::new(access));
    Dispatcher::new(functions.gated(access), &Limits::default(), Arc::default())
}

/// Makes a structured-clone request whose value for `field` is a list that contains the next list twice, and so on for
/// `levels`.
fn bomb(field: &str, levels: usize) -> String {
    let fields = [
        ("m", r#"[0,"anonymous:nope"]"#),
        ("a", "[1,[]]"),
        ("t", r#"[0,"q"]"#),
        ("i", r#"[0,"1"]"#),
    ];
    let mut root = String::new();
    let mut records = String::new();
    for (index, (name, value)) in fields.into_iter().enumerate() {
        let key = 2 * index + 1;
        let value_at = if name == field { 9 } else { key + 1 };
        write!(root, "[{key},{value_at}],").unwrap();
        write!(records, r#",[0,"{name}"],{value}"#).unwrap();
    }
    if !fields.iter().any(|(name, _)| *name == field) {
        write!(root, "[{0},9],", 9 + levels + 1).unwrap();
    }
    root.pop();
    for next in 10..10 + levels {
        write!(records, ",[1,[{next},{next}]]").unwrap();
    }
    format!(r#"s:[[2,[{root}]]{records},[0,1],[0,"{field}"]]"#)
}

/// Checks that both reading the frame and its reply cost no more than a small multiple of its length.
fn costs_little(frame: &str) -> Option<String> {
    let (reply, steps) = dispatcher(ConnectionAccess::Unauthorized).answer(frame);
    assert!(
        steps <= 10 * frame.len(),
        "{steps} steps for {} bytes",
        frame.len()
    );
    let written = reply.as_ref().map_or(0, String::len);
    assert!(written <= 1_000 + 2 * frame.len(), "{written} bytes");
    reply
}

fn message_of(reply: &str) -> String {
    let text = FrameText::open(reply).unwrap();
    match text.envelope().unwrap() {
        Envelope::Response(response) => {
            let (Ok(error) | Err(error)) = response.result;
            let error: js::Error = error.read().unwrap();
            error.message
        }
        Envelope::Request(_) => panic!("{reply}"),
    }
}

#[test]
fn an_id_that_is_no_primitive_is_refused_without_looking_into_it() {
    let frame = bomb("i", 40);
    assert!(frame.len() < 700, "{}", frame.len());
    let text = FrameText::open(&frame).unwrap();
    assert!(text.envelope().is_err());
    // Only the root and the keys are read, and not the id.
    assert!(text.steps() < 100, "{}", text.steps());
    assert_eq!(costs_little(&frame), None);
    for id in [json!({ "a": [1] }), json!([[[]]])] {
        let frame = json!({ "m": "nope", "a": [], "t": "q", "i": id });
        assert_eq!(costs_little(&frame.to_string()), None);
    }
}

#[test]
fn a_name_that_is_no_primitive_is_not_looked_into() {
    let reply = costs_little(&bomb("m", 1_500)).unwrap();
    assert_eq!(
        message_of(&reply),
        "[birpc] function \"[object Object]\" not found"
    );
    let frame = json!({ "m": [["x"]], "a": [], "t": "q", "i": "1" });
    let reply = costs_little(&frame.to_string()).unwrap();
    assert_eq!(
        message_of(&reply),
        "[birpc] function \"[object Object]\" not found"
    );
}

#[test]
fn no_field_of_an_envelope_is_expanded() {
    for field in ["t", "a", "o", "r", "e", "x"] {
        costs_little(&bomb(field, 40));
    }
}

#[test]
fn one_long_key_that_is_named_often_costs_no_more_than_its_length_allows() {
    let pairs = vec!["[1,1]"; 10_000].join(",");
    for key in ["x".repeat(50_000), "\\u0061".repeat(10_000)] {
        costs_little(&format!(r#"s:[[2,[{pairs}]],[0,"{key}"]]"#));
    }
}

#[test]
fn a_long_name_is_not_repeated_in_the_reply() {
    for name in [
        "n".repeat(20_000),
        "\\u0001".repeat(5_000),
        "é".repeat(20_000),
    ] {
        for access in [ConnectionAccess::Unauthorized, ConnectionAccess::Open] {
            let frame = format!(r#"{{"m":"{name}","a":[],"t":"q","i":"1"}}"#);
            let (reply, _) = dispatcher(access).answer(&frame);
            let message = message_of(&reply.unwrap());
            assert!(message.chars().count() < 300, "{}", message.len());
            assert!(message.ends_with("…\" not found"), "{message}");
        }
    }
}

#[test]
fn arguments_of_a_stranger_cost_a_small_multiple_of_their_length() {
    let frame = bomb("a", 40);
    let text = FrameText::open(&frame).unwrap();
    let Envelope::Request(request) = text.envelope().unwrap() else {
        panic!("no request");
    };
    let read = || read_clone::<(js::Value, js::Value)>(request.arguments).map(drop);
    let misfit = format!("{:?}", read().unwrap_err());
    assert!(misfit.contains("too large"), "{misfit}");
    assert!(text.steps() <= 8 * frame.len(), "{}", text.steps());
    // A trusted caller may refer to a record more often, but not without a limit.
    request.arguments.trust();
    read().unwrap_err();
    assert!(text.steps() <= 16 * frame.len() + 1024 * 1024);
}

#[test]
fn what_a_trusted_caller_shares_is_read() {
    let row = r#"{"path":"src/some/folder/some-file.ts","kind":"module","size":12345,"hash":"0123456789abcdef"}"#;
    let rows = vec!["3"; 1_000].join(",");
    let text = format!("[[1,[1]],[1,[{rows}]],[0,null],[0,{row}]]");
    let document = crate::wire::Document::parse(&text).unwrap();
    let (value,): (Vec<Value>,) = document.root().read().unwrap();
    assert_eq!(value.len(), 1_000);
    assert_eq!(value[999]["size"], 12345);
}

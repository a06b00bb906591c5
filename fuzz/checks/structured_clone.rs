//! Values as structured-clone text.

use std::collections::BTreeMap;
use std::str::from_utf8;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Verdict;
use super::value::{Extent, is_lossy, is_rounded};
use crate::wire::js::Value;
use crate::wire::{self, BASE_BUDGET, BUDGET_FACTOR, Document, EncodeError, MAX_DEPTH};

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
            assert!(
                is_lossy(&value) || is_rounded(&value) || read == value,
                "{json}"
            );
        }
    }
    let extent = Extent::of(&value);
    assert!(extent.depth <= MAX_DEPTH, "{} levels", extent.depth);
    let paid_for = text.len() * BUDGET_FACTOR + BASE_BUDGET;
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

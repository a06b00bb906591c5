//! Types of libraries, and types in types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::num::{NonZeroI16, NonZeroU8};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use devtools_runtime::js;
use serde_json::Value;

use super::checked::{Corpus, text};
use super::{
    Bounds, Counted, DocumentedUnits, External, Left, Linked, Page, Plain, Right, Tree, Units,
    UsesBounds,
};

#[expect(clippy::too_many_lines, reason = "it is a list")]
pub(super) fn nested(corpus: &mut Corpus) {
    let leaf = |name: &str| Tree {
        name: text(name),
        children: vec![],
    };
    corpus.of(
        "tree",
        [Tree {
            name: text("a"),
            children: vec![leaf("b")],
        }],
        &[r#"{"name":"a"}"#],
    );
    corpus.of(
        "linked",
        [Linked {
            next: Some(Box::new(Linked { next: None })),
        }],
        &[r#"{"next":1}"#],
    );
    corpus.of(
        "mutual",
        [Left {
            right: Some(Box::new(Right { left: vec![] })),
        }],
        &[r#"{"right":{}}"#],
    );
    corpus.of(
        "page-of-plain",
        [Page {
            items: vec![Plain {
                id: text("a"),
                size: 1,
            }],
            next: None,
        }],
        &[r#"{"items":[1],"next":1}"#],
    );
    corpus.of(
        "page-of-numbers",
        [Page {
            items: vec![1_u8],
            next: Some(2),
        }],
        &[r#"{"items":["a"]}"#],
    );
    corpus.of(
        "bounds",
        [UsesBounds {
            numbers: Bounds { of: 1 },
            texts: Bounds { of: text("a") },
        }],
        &[r#"{"numbers":{"of":"a"},"texts":{"of":"a"}}"#],
    );
    corpus.of("unit", [()], &["1", "{}"]);
    corpus.of("boolean", [true, false], &["1"]);
    corpus.of("char", ['a'], &["1"]);
    corpus.of("unsigned-64", [u64::MAX, 0], &[r#""1""#]);
    corpus.of("signed-64", [i64::MIN], &["null"]);
    corpus.of("signed-128", [1_i128], &["null"]);
    corpus.of("float", [0.1_f64, 1e300], &[r#""1""#]);
    corpus.of("non-zero", [NonZeroU8::MIN], &["null"]);
    corpus.of("non-zero-signed", [NonZeroI16::MIN], &["null"]);
    corpus.of("option", [None, Some(1_u8)], &[r#""1""#]);
    corpus.of("option-of-enum", [None, Some(Units::One)], &["1"]);
    corpus.of("bytes", [vec![1_u8, 2]], &[r#""12""#]);
    corpus.of("list-of-options", [vec![Some(1_u8), None]], &["[true]"]);
    corpus.of("deque", [VecDeque::from([1_u8])], &["1"]);
    corpus.of("set", [BTreeSet::from([1_u8])], &["{}"]);
    corpus.of("hash-set", [HashSet::from([text("a")])], &["[1]"]);
    corpus.of("array", [[1_u8, 2, 3]], &["[1,2]"]);
    corpus.of("empty-array", [[0_u8; 0]], &["1"]);
    corpus.of("long-array", [[0_u8; 32]], &["1"]);
    corpus.of(
        "tuple",
        [(1_u8, text("a"), None::<bool>)],
        &[r#"[1,"a"]"#, r#"["a","a",null]"#],
    );
    corpus.of(
        "map",
        [BTreeMap::from([(text("a"), 1_u8)])],
        &[r#"{"a":"b"}"#],
    );
    corpus.of(
        "map-by-number",
        [BTreeMap::from([(1_u32, text("a"))])],
        &[r#"{"1":2}"#],
    );
    corpus.of(
        "map-by-signed",
        [BTreeMap::from([(-1_i64, text("a"))])],
        &[r#"{"1":2}"#],
    );
    corpus.of("map-by-char", [BTreeMap::from([('a', 1_u8)])], &["1"]);
    corpus.of(
        "map-by-boolean",
        [BTreeMap::from([(true, 1_u8)])],
        &[r#"{"true":"a"}"#],
    );
    corpus.of(
        "map-by-enum",
        [BTreeMap::from([
            (Units::One, None),
            (Units::Two, Some(1_u8)),
        ])],
        &[r#"{"Three":1}"#, r#"{"One":"a"}"#],
    );
    corpus.of(
        "map-by-documented-enum",
        [Counted {
            counts: [
                (DocumentedUnits::First, None),
                (DocumentedUnits::Second, Some(1)),
            ]
            .into(),
        }],
        &[r#"{"counts":{"Third":1}}"#, r#"{"counts":{"First":"a"}}"#],
    );
    corpus.of(
        "map-of-enum",
        [HashMap::from([(text("a"), External::Unit)])],
        &[r#"{"a":1}"#],
    );
    corpus.of(
        "value",
        [Value::Null, serde_json::json!({"a": [1, "b", null]})],
        &[],
    );
    corpus.of(
        "object",
        [serde_json::Map::from_iter([(text("a"), Value::Bool(true))])],
        &["1"],
    );
    corpus.of("path", [PathBuf::from("/a")], &["1"]);
    corpus.of("duration", [Duration::from_millis(1500)], &["1.5"]);
    corpus.of("system-time", [SystemTime::UNIX_EPOCH], &["0"]);
    corpus.of("address", [IpAddr::from([127, 0, 0, 1])], &["1"]);
    corpus.of(
        "range",
        [Range {
            start: 1,
            end: 2_u8,
        }],
        &["1"],
    );
    corpus.of(
        "cow",
        [std::borrow::Cow::Borrowed("a").into_owned()],
        &["1"],
    );
    corpus.of("boxed", [Box::<str>::from("a")], &["1"]);
    corpus.of(
        "date",
        ["1970-01-01".parse::<js::Date>().unwrap()],
        &["true"],
    );
    corpus.of("big-integer", [js::BigInt::from(1_u32)], &["true"]);
    corpus.of("js-bytes", [js::Bytes(vec![1])], &["true"]);
    corpus.of(
        "js-map",
        [js::Map::from_iter([(text("a"), 1_u8)])],
        &["true"],
    );
    corpus.of(
        "js-map-by-number",
        [js::Map::from_iter([(1_u8, text("a"))])],
        &["true"],
    );
    corpus.of("js-set", [js::Set::from_iter([1_u8])], &["true"]);
}

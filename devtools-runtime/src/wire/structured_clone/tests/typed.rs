//! Tests of Rust types, written and read.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt::Debug,
};

use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use crate::wire::js;

use super::super::{DecodeError, Document, EncodeError, Node, to_string, write};

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, DecodeError> {
    Document::parse(text)?.root().read()
}

#[track_caller]
fn round_trip<T>(value: T, text: &str)
where
    T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug,
{
    assert_eq!(to_string(&value).unwrap(), text);
    assert_eq!(read::<T>(text).unwrap(), value);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Module {
    id: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    tags: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Line(i8, i8),
    Named { name: String },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Meters(f32);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Green,
}

#[test]
fn structs_are_objects() {
    round_trip(
        Module {
            id: "a".into(),
            size: 1,
            source: None,
            tags: vec!["a".into(), "id".into()],
        },
        r#"[[2,[[1,2],[3,4],[5,6]]],[0,"id"],[0,"a"],[0,"size"],[0,1],[0,"tags"],[1,[2,1]]]"#,
    );
    round_trip(Unit, "[[0,null]]");
    round_trip(Meters(0.1), "[[0,0.1]]");
    round_trip(
        (1_u8, "x".to_owned(), ()),
        r#"[[1,[1,2,3]],[0,1],[0,"x"],[0,null]]"#,
    );
}

#[test]
fn enums_look_as_in_json() {
    round_trip(
        vec![
            Shape::Empty,
            Shape::Circle(0.5),
            Shape::Line(-1, 1),
            Shape::Named {
                name: "Line".into(),
            },
        ],
        concat!(
            r#"[[1,[1,2,5,10]],[0,"Empty"],[2,[[3,4]]],[0,"Circle"],[0,0.5],[2,[[6,7]]],[0,"Line"],"#,
            r#"[1,[8,9]],[0,-1],[0,1],[2,[[11,12]]],[0,"Named"],[2,[[13,6]]],[0,"name"]]"#
        ),
    );
    assert_eq!(
        read::<Shape>(r#"[[2,[[1,2]]],[0,"Empty"],[-1]]"#).unwrap(),
        Shape::Empty
    );
    for text in [
        r#"[[0,"Circle"]]"#,
        r#"[[0,"Square"]]"#,
        "[[2,[]]]",
        r#"[[2,[[1,2],[2,2]]],[0,"Circle"],[0,1]]"#,
        "[[0,1]]",
    ] {
        read::<Shape>(text).unwrap_err();
    }
}

#[test]
fn options_tell_nothing_from_something() {
    round_trip(vec![Some(1), None], "[[1,[1,2]],[0,1],[0,null]]");
    for text in ["[[-1]]", "[[0,null]]", "[[0]]"] {
        assert_eq!(read::<Option<u8>>(text).unwrap(), None);
        read::<()>(text).unwrap();
    }
    assert_eq!(
        read::<Option<String>>(r#"[[0,""]]"#).unwrap(),
        Some(String::new())
    );
}

#[test]
fn keys_that_are_no_strings_are_written_as_strings() {
    round_trip(
        BTreeMap::from([(-1, 'x')]),
        r#"[[2,[[1,2]]],[0,"-1"],[0,"x"]]"#,
    );
    round_trip(
        HashMap::from([(7_u32, vec![7])]),
        r#"[[2,[[1,2]]],[0,"7"],[1,[3]],[0,7]]"#,
    );
    round_trip(
        HashMap::from([(true, false)]),
        r#"[[2,[[1,2]]],[0,"true"],[0,false]]"#,
    );
    round_trip(
        BTreeMap::from([(Color::Green, Color::Red)]),
        r#"[[2,[[1,2]]],[0,"green"],[0,"red"]]"#,
    );
    round_trip(BTreeMap::from([('k', 1)]), r#"[[2,[[1,2]]],[0,"k"],[0,1]]"#);
    round_trip(
        BTreeMap::from([(u128::MAX, None::<u8>)]),
        &format!(r#"[[2,[[1,2]]],[0,"{}"],[0,null]]"#, u128::MAX),
    );
    assert!(matches!(
        to_string(&BTreeMap::from([((1, 2), 3)])),
        Err(EncodeError::Key)
    ));
    assert!(matches!(
        to_string(&BTreeMap::from([(None::<u8>, 3)])),
        Err(EncodeError::Key)
    ));
    read::<HashMap<u8, Option<u8>>>(r#"[[2,[[1,2]]],[0,"256"],[0,null]]"#).unwrap_err();
}

#[test]
fn maps_nest() {
    let value = BTreeMap::from([
        (
            "a".to_owned(),
            BTreeMap::from([("b".to_owned(), vec![1, 2])]),
        ),
        ("b".to_owned(), BTreeMap::new()),
    ]);
    round_trip(
        value,
        r#"[[2,[[1,2],[3,7]]],[0,"a"],[2,[[3,4]]],[0,"b"],[1,[5,6]],[0,1],[0,2],[2,[]]]"#,
    );
}

#[test]
fn integers_keep_their_digits() {
    round_trip(u64::MAX, "[[0,18446744073709551615]]");
    round_trip(i64::MIN, "[[0,-9223372036854775808]]");
    round_trip(u128::MAX, &format!("[[0,{}]]", u128::MAX));
    round_trip(i128::MIN, &format!("[[0,{}]]", i128::MIN));
}

#[test]
fn integers_are_read_however_they_are_written() {
    for text in [
        "[[0,100]]",
        "[[0,100.0]]",
        "[[0,1e2]]",
        "[[0,1E+2]]",
        r#"[[8,"100"]]"#,
        r#"[["Number",100]]"#,
    ] {
        assert_eq!(read::<i64>(text).unwrap(), 100);
        assert_eq!(read::<u8>(text).unwrap(), 100);
        assert_eq!(read::<f64>(text).unwrap().to_string(), "100");
        assert_eq!(read::<serde_json::Value>(text).unwrap(), json!(100));
    }
    assert_eq!(read::<i64>("[[0,-0]]").unwrap(), 0);
    assert_eq!(
        read::<i64>("[[0,-1e18]]").unwrap(),
        -1_000_000_000_000_000_000
    );
    assert_eq!(
        read::<u64>("[[0,1e19]]").unwrap(),
        10_000_000_000_000_000_000
    );
    assert_eq!(
        read::<f64>("[[0,100000000000000000000]]")
            .unwrap()
            .to_string(),
        "100000000000000000000"
    );
    for text in [
        "[[0,1.5]]",
        "[[0,256]]",
        "[[0,-1]]",
        "[[0,1e400]]",
        r#"[[0,"1"]]"#,
        "[[0,null]]",
    ] {
        read::<u8>(text).unwrap_err();
    }
}

#[test]
fn floats_are_the_same_again() {
    for number in [
        0.1,
        1.0 / 3.0,
        5e-324,
        f64::MAX,
        1e21,
        1.234_567_890_123_456_7e20,
        f64::EPSILON,
    ] {
        let text = to_string(&number).unwrap();
        assert_eq!(read::<f64>(&text).unwrap().to_bits(), number.to_bits());
    }
    for number in [0.1, 1.0 / 3.0, f32::MIN_POSITIVE, f32::MAX, 16_777_216.0] {
        let text = to_string(&number).unwrap();
        assert_eq!(read::<f32>(&text).unwrap().to_bits(), number.to_bits());
    }
    assert_eq!(
        to_string(&[f64::NAN, f64::INFINITY, f64::NAN]).unwrap(),
        "[[1,[1,2,1]],[0,null],[0,null]]"
    );
}

#[test]
fn strings_are_borrowed_where_they_can_be() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Borrowed<'a> {
        plain: &'a str,
        #[serde(borrow)]
        escaped: Cow<'a, str>,
        map: BTreeMap<&'a str, &'a str>,
    }

    let value = Borrowed {
        plain: "né",
        escaped: "a\nb".into(),
        map: BTreeMap::from([("k", "v")]),
    };
    let text = to_string(&value).unwrap();
    let document = Document::parse(&text).unwrap();
    let again: Borrowed<'_> = document.root().read().unwrap();
    assert_eq!(again, value);
    assert!(
        text.as_bytes()
            .as_ptr_range()
            .contains(&again.plain.as_ptr())
    );
}

#[test]
fn flattened_and_untagged_types_work() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        number: u8,
        #[serde(flatten)]
        inner: Module,
        #[serde(flatten)]
        rest: HashMap<String, serde_json::Value>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u8),
        List(Vec<Either>),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", rename_all = "camelCase")]
    enum Event {
        Opened { at: u64 },
        Closed,
    }

    let rest = HashMap::from([("more".to_owned(), json!({"deep": [1, null, "x"]}))]);
    let inner = Module {
        id: "m".into(),
        size: 2,
        source: Some("s".into()),
        tags: vec![],
    };
    let outer = Outer {
        number: 1,
        inner,
        rest,
    };
    assert_eq!(read::<Outer>(&to_string(&outer).unwrap()).unwrap(), outer);
    round_trip(
        Either::List(vec![Either::Number(1), Either::List(vec![])]),
        "[[1,[1,2]],[0,1],[1,[]]]",
    );
    round_trip(
        [Event::Opened { at: 3 }, Event::Closed],
        r#"[[1,[1,6]],[2,[[2,3],[4,5]]],[0,"type"],[0,"opened"],[0,"at"],[0,3],[2,[[2,7]]],[0,"closed"]]"#,
    );
}

#[test]
fn the_last_of_equal_keys_counts() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Id {
        id: String,
    }

    let twice = r#"[[2,[[1,3],[1,4]]],[0,"id"],[0,0],[0,"first"],[0,"last"]]"#;
    let inline = r#"[[0,{"id":"first","\u0069d":"last"}]]"#;
    for text in [twice, inline] {
        assert_eq!(read::<Id>(text).unwrap(), Id { id: "last".into() });
        assert_eq!(read::<HashMap<String, String>>(text).unwrap()["id"], "last");
        let document = Document::parse(text).unwrap();
        let entries: Vec<_> = document.root().entries().unwrap().collect();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].1.as_str().unwrap(), "last");
    }
}

#[test]
fn sequences_have_the_length_they_are_read_with() {
    assert_eq!(read::<(u8, u8)>("[[1,[1,1]],[0,4]]").unwrap(), (4, 4));
    let error = read::<(u8, u8)>("[[1,[1,1,1]],[0,4]]").unwrap_err();
    assert_eq!(error.problem(), "invalid length 3, expected 2 elements");
    read::<(u8, u8)>("[[1,[1]],[0,4]]").unwrap_err();
}

#[test]
fn members_of_typed_arrays_are_read_as_other_numbers_are() {
    let floats = r#"[["Float64Array",[1.5,-2]]]"#;
    assert_eq!(read::<Vec<f64>>(floats).unwrap(), [1.5, -2.0]);
    assert_eq!(
        read::<[Option<f32>; 2]>(floats).unwrap(),
        [Some(1.5), Some(-2.0)]
    );
    assert_eq!(
        read::<(Meters, Meters)>(floats).unwrap(),
        (Meters(1.5), Meters(-2.0))
    );
    let numbers = [js::Value::from(1.5), js::Value::from(-2.0)];
    assert_eq!(read::<Vec<js::Value>>(floats).unwrap(), numbers);
    let integers = r#"[["BigInt64Array",["1","-2"]]]"#;
    assert_eq!(read::<Vec<i8>>(integers).unwrap(), [1, -2]);
    let bytes = r#"[["ArrayBuffer",[1,255]]]"#;
    assert_eq!(read::<Vec<u16>>(bytes).unwrap(), [1, 255]);

    for (text, expected) in [
        (
            r#"[["Uint8Array",[1,256,"x"]]]"#,
            "[2]: the record of a typed array or buffer does not hold an array of numbers",
        ),
        (
            r#"[["BigInt64Array",["1",2]]]"#,
            "[1]: the record of a typed array of BigInts does not hold an array of integers as text",
        ),
        (
            r#"[["BigInt64Array",1]]"#,
            "the record of a typed array of BigInts does not hold an array of integers as text",
        ),
        (
            r#"[["Int8Array",[0,0,-1]]]"#,
            "[2]: invalid value: integer `-1`, expected u8",
        ),
    ] {
        assert_eq!(read::<Vec<u8>>(text).unwrap_err().to_string(), expected);
    }
    let error = read::<(f64,)>(floats).unwrap_err();
    assert_eq!(error.problem(), "invalid length 2, expected 1 elements");
}

#[test]
fn raw_json_goes_both_ways() {
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let ids = [
        raw("\"a\""),
        raw("7"),
        raw("\"a\""),
        raw("{\"x\":[1]}"),
        raw("{\"x\":[1]}"),
    ];
    let text = to_string(&("a", 7, ids)).unwrap();
    assert_eq!(
        text,
        r#"[[1,[1,2,3]],[0,"a"],[0,7],[1,[1,2,1,4,5]],[0,{"x":[1]}],[0,{"x":[1]}]]"#
    );
    let (_, _, read): (String, u8, Vec<Box<RawValue>>) = read(&text).unwrap();
    assert_eq!(read[3].get(), "{\"x\":[1]}");
}

#[test]
fn writing_appends() {
    let mut out = "s:".to_owned();
    write(&mut out, "x").unwrap();
    assert_eq!(out, "s:[[0,\"x\"]]");
    write(&mut out, &BTreeMap::from([([1], 1)])).unwrap_err();
    assert_eq!(out, "s:[[0,\"x\"]]");
}

#[test]
fn an_envelope_is_read_without_types() {
    let text = concat!(
        r#"[[2,[[1,2],[3,4],[7,8],[9,10]]],[0,"m"],[0,"proto:add"],[0,"a"],[1,[5,6]],[0,1],[0,2],"#,
        r#"[0,"t"],[0,"q"],[0,"i"],[0,"A7T\u0077"]]"#
    );
    let document = Document::parse(text).unwrap();
    let envelope: HashMap<Cow<'_, str>, Node<'_>> = document.root().entries().unwrap().collect();
    assert_eq!(envelope["m"].as_str().as_deref(), Some("proto:add"));
    assert_eq!(envelope["i"].to_json().unwrap(), r#""A7T\u0077""#);
    let arguments = envelope["a"].elements().unwrap();
    assert_eq!(arguments.len(), 2);
    assert_eq!(arguments[1].read::<u8>().unwrap(), 2);
    document.root().elements().unwrap_err();
    envelope["a"].entries().map(|_| ()).unwrap_err();
}

#[test]
fn documents_cross_threads() {
    fn crosses<T: Send + Sync>() {}
    crosses::<Document<'_>>();
    crosses::<Node<'_>>();
    crosses::<DecodeError>();
    crosses::<EncodeError>();
}

#[test]
fn truth_is_javascripts() {
    for text in [
        "[[-1]]",
        "[[0,null]]",
        "[[0,false]]",
        "[[0,0]]",
        "[[0,-0.0]]",
        r#"[[0,""]]"#,
        r#"[[8,"0"]]"#,
        "[[0]]",
    ] {
        assert!(!Document::parse(text).unwrap().root().is_truthy(), "{text}");
    }
    for text in [
        "[[0,true]]",
        "[[0,1]]",
        r#"[[0,"0"]]"#,
        r#"[[8,"1"]]"#,
        "[[1,[]]]",
        "[[2,[]]]",
        "[[0,[]]]",
        r#"[["Boolean",false]]"#,
        "[[99,1]]",
        "[null]",
    ] {
        assert!(Document::parse(text).unwrap().root().is_truthy(), "{text}");
    }
}

#[test]
fn json_is_given_for_what_is_json() {
    for (text, json) in [
        (r#"[[0,"a\ud800"]]"#, r#""a\ud800""#),
        ("[[0,1.50]]", "1.50"),
        ("[[0,1e999]]", "null"),
        (
            r#"[[2,[[1,2]]],[0,"k\n"],[1,[3,4]],[0,true],[0,null]]"#,
            r#"{"k\n":[true,null]}"#,
        ),
        (r#"[[0, {"a" : [1, 2], "a":3}]]"#, r#"{"a":3}"#),
    ] {
        assert_eq!(
            Document::parse(text).unwrap().root().to_json().unwrap(),
            json
        );
    }
    let text = r#"[[2,[[1,2]]],[0,"k"],[1,[3,4]],[0,true],[-1]]"#;
    let error = Document::parse(text).unwrap().root().to_json().unwrap_err();
    assert_eq!(error.to_string(), ".k[1]: `undefined` has no form in JSON");
}

#[test]
fn errors_say_where() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Config {
        options: HashMap<String, Vec<Shape>>,
    }

    let text = |leaf: &str| {
        format!(
            r#"[[2,[[1,2]]],[0,"options"],[2,[[3,4]]],[0,"a list"],[1,[5,6]],[0,"Empty"],{leaf}]"#
        )
    };
    for (leaf, expected) in [
        (
            r#"[2,[[7,8]]],[0,"Circle"],[0,true]"#,
            ".options[\"a list\"][1].Circle: invalid type: boolean `true`, expected f64",
        ),
        (
            r#"[0,"Square"]"#,
            ".options[\"a list\"][1]: unknown variant `Square`, expected one of `Empty`, `Circle`, `Line`, `Named`",
        ),
        (
            "[99,1]",
            ".options[\"a list\"][1]: a record has the unknown tag 99",
        ),
        (
            "[1,[]]",
            ".options[\"a list\"][1]: expected a variant: a string, or an object with one property, found an array",
        ),
    ] {
        let error = read::<Config>(&text(leaf)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let error = read::<Config>("[[2,[]]]").unwrap_err();
    assert_eq!(
        (error.path(), error.problem()),
        ("", "missing field `options`")
    );
    let error = read::<Vec<Vec<u8>>>("[[1,[1]],[1,[2,7]],[0,1]]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "[0][1]: `7` is not the index of a record"
    );
    let map = r#"[[5,[[1,2],[3,4]]],[0,"k"],[0,1],[0,2],[0,"x"]]"#;
    let error = read::<HashMap<String, u8>>(map).unwrap_err();
    assert_eq!(error.path(), "[1]");
}

#[test]
fn broken_texts_say_why() {
    for (text, problem) in [
        ("", "not an array of records"),
        ("[[0,1", "not an array of records"),
        ("[[0,1]] x", "not an array of records"),
        ("[]", "no records"),
        ("[null]", "not an array that begins with a tag"),
        ("[[]]", "not an array that begins with a tag"),
        ("[[2,[[0]]]]", "pairs of indices"),
        ("[[2,5]]", "an array of its members"),
        ("[[1,[\"0\"]]]", "is not the index of a record"),
        ("[[2,[[0.5,0]]]]", "`0.5` is not the index of a record"),
    ] {
        let error = read::<serde_json::Value>(text).unwrap_err();
        assert!(error.problem().contains(problem), "{text}: {error}");
    }
}

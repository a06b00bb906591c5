//! Tests of the types of [`js`](crate::wire::js) in both codecs.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Debug,
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::{DecodeError, Document, EncodeError, to_string};
use crate::wire::js::{
    BigInt, Boxed, Bytes, Date, Error, Map, RegExp, Set, TypedArray, Undefined, Value,
};
use crate::wire::reserved::NUMBER;

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, DecodeError> {
    Document::parse(text)?.root().read()
}

/// Writes and reads the value in both codecs.
#[track_caller]
fn both<T>(value: T, text: &str, json: serde_json::Value)
where
    T: Serialize + for<'de> Deserialize<'de> + PartialEq + Debug,
{
    assert_eq!(to_string(&value).unwrap(), text);
    assert_eq!(read::<T>(text).unwrap(), value);
    assert_eq!(serde_json::to_value(&value).unwrap(), json);
    assert_eq!(serde_json::from_value::<T>(json).unwrap(), value);
}

#[test]
fn undefined_is_not_null() {
    both(Undefined, "[[-1]]", json!(null));
    assert_eq!(
        to_string(&(Undefined, ())).unwrap(),
        "[[1,[1,2]],[-1],[0,null]]"
    );
    read::<Undefined>("[[0,1]]").unwrap_err();
}

#[test]
fn maps_have_keys_of_any_type() {
    both(
        Map::from([("a".to_owned(), 1), ("b".to_owned(), 2)]),
        r#"[[5,[[1,2],[3,4]]],[0,"a"],[0,1],[0,"b"],[0,2]]"#,
        json!({"a": 1, "b": 2}),
    );
    both(
        Map::from([(1, "one".to_owned()), (2, "two".to_owned())]),
        r#"[[5,[[1,2],[3,4]]],[0,1],[0,"one"],[0,2],[0,"two"]]"#,
        json!([[1, "one"], [2, "two"]]),
    );
    both(
        Map::from([((1, 2), Map::from([(true, ())]))]),
        "[[5,[[1,4]]],[1,[2,3]],[0,1],[0,2],[5,[[5,6]]],[0,true],[0,null]]",
        json!([[[1, 2], [[true, null]]]]),
    );
    both(Map::<String, u8>::new(), "[[5,[]]]", json!({}));
    let dates = Map::from([(Date::UNIX_EPOCH, 1)]);
    both(
        dates,
        r#"[[5,[[1,2]]],[3,"1970-01-01T00:00:00.000Z"],[0,1]]"#,
        json!([["1970-01-01T00:00:00.000Z", 1]]),
    );
}

#[test]
fn maps_and_objects_read_as_each_other() {
    let map = r#"[[5,[[1,2]]],[0,"k"],[0,1]]"#;
    assert_eq!(
        read::<BTreeMap<String, u8>>(map).unwrap(),
        BTreeMap::from([("k".into(), 1)])
    );
    assert_eq!(read::<serde_json::Value>(map).unwrap(), json!({"k": 1}));
    let object = r#"[[2,[[1,2]]],[0,"7"],[0,1]]"#;
    assert_eq!(read::<Map<u8, u8>>(object).unwrap(), Map::from([(7, 1)]));
    assert_eq!(
        read::<HashMap<u8, u8>>("[[5,[[1,1]]],[0,7]]").unwrap()[&7],
        7
    );
}

#[test]
fn sets_have_each_member_once() {
    both(Set::from([1, 2]), "[[6,[1,2]],[0,1],[0,2]]", json!([1, 2]));
    let text = r#"[[6,[1,2,3,4,5,6]],[0,1],[0,1.0],[8,"1"],[8,"01"],[1,[]],[1,[]]]"#;
    assert_eq!(read::<Vec<Value>>(text).unwrap().len(), 4);
    assert_eq!(
        read::<HashSet<u8>>("[[6,[1,2]],[0,1],[0,2]]")
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        read::<Set<u8>>("[[1,[1,1]],[0,1]]").unwrap(),
        Set::from([1, 1])
    );
}

#[test]
fn dates_are_dates() {
    let date = Date::from_millis(1_700_000_000_123).unwrap();
    both(
        date,
        r#"[[3,"2023-11-14T22:13:20.123Z"]]"#,
        json!("2023-11-14T22:13:20.123Z"),
    );
    for text in [
        "[[3,1700000000123]]",
        "[[0,1700000000123]]",
        r#"[[0,"2023-11-14T22:13:20.123Z"]]"#,
    ] {
        assert_eq!(read::<Date>(text).unwrap(), date);
    }
    assert_eq!(
        read::<String>("[[3,0]]").unwrap(),
        "1970-01-01T00:00:00.000Z"
    );
    assert_eq!(
        read::<i64>(r#"[[3,"1970-01-01T00:00:00.005Z"]]"#).unwrap(),
        5
    );
    assert_eq!(
        serde_json::from_value::<Date>(json!(1_700_000_000_123_i64)).unwrap(),
        date
    );
    assert!(matches!(
        to_string(&Value::Date(None)),
        Err(EncodeError::InvalidDate)
    ));
    for text in [r#"[[3,"never"]]"#, "[[3,1e300]]", "[[3]]"] {
        assert_eq!(read::<Value>(text).unwrap(), Value::Date(None));
        read::<Date>(text).unwrap_err();
        read::<String>(text).unwrap_err();
    }
}

#[test]
fn big_ints_are_of_any_size() {
    both(BigInt::from(10), r#"[[8,"10"]]"#, json!("10"));
    let large: BigInt = "-123456789012345678901234567890123456789012345678901234567890"
        .parse()
        .unwrap();
    both(
        large.clone(),
        &format!("[[8,\"{large}\"]]"),
        json!(large.to_string()),
    );
    assert_eq!(
        to_string(&[BigInt::from(1), BigInt::from(1)]).unwrap(),
        r#"[[1,[1,1]],[8,"1"]]"#
    );
    for (text, value) in [
        ("0x10", "16"),
        ("0o17", "15"),
        ("0b11", "3"),
        (" 12\n", "12"),
        ("", "0"),
        ("-0", "0"),
        ("+5", "5"),
        ("007", "7"),
        ("-05", "-5"),
        (
            "0x7fffffffffffffffffffffffffffffff",
            "170141183460469231731687303715884105727",
        ),
    ] {
        assert_eq!(text.parse::<BigInt>().unwrap().as_str(), value, "{text}");
    }
    for text in [
        "12x",
        "5n",
        "1.5",
        "-",
        "+",
        "0x",
        "-0x1",
        "0x+1",
        "1 2",
        "0xffffffffffffffffffffffffffffffff",
    ] {
        text.parse::<BigInt>().unwrap_err();
    }
    assert_eq!(i64::try_from(&BigInt::from(-7)), Ok(-7));
    assert_eq!(u128::try_from(BigInt::from(u128::MAX)), Ok(u128::MAX));
    u64::try_from(&BigInt::from(-1)).unwrap_err();
    assert_eq!(read::<i64>(r#"[[8,"-5"]]"#).unwrap(), -5);
    assert_eq!(
        read::<u64>(r#"[[8,"18446744073709551615"]]"#).unwrap(),
        u64::MAX
    );
    assert_eq!(
        read::<i128>(r#"[[8,"-18446744073709551616"]]"#).unwrap(),
        -(1 << 64)
    );
    assert_eq!(read::<String>(r#"[[8,"5"]]"#).unwrap(), "5");
    assert_eq!(read::<serde_json::Value>(r#"[[8,"5"]]"#).unwrap(), json!(5));
    assert_eq!(
        read::<serde_json::Value>(r#"[[8,"18446744073709551616"]]"#).unwrap(),
        json!("18446744073709551616")
    );
    assert_eq!(read::<BigInt>("[[0,5]]").unwrap(), BigInt::from(5));
    assert_eq!(
        read::<BigInt>("[[8,1e21]]").unwrap().as_str(),
        "1000000000000000000000"
    );
    assert_eq!(format!("{:>5}", BigInt::from(-7)), "   -7");
}

#[test]
fn bytes_are_a_typed_array() {
    both(
        Bytes(vec![1, 2]),
        r#"[["Uint8Array",[1,2]]]"#,
        json!([1, 2]),
    );
    for text in [
        r#"[["ArrayBuffer",[1,2]]]"#,
        r#"[["DataView",[1,2]]]"#,
        r#"[["Uint8ClampedArray",[1,2]]]"#,
        "[[1,[1,2]],[0,1],[0,2]]",
    ] {
        assert_eq!(read::<Bytes>(text).unwrap(), Bytes(vec![1, 2]));
        assert_eq!(read::<Vec<u8>>(text).unwrap(), [1, 2]);
        assert_eq!(read::<(u8, u16)>(text).unwrap(), (1, 2));
    }
    assert_eq!(
        read::<Vec<f32>>(r#"[["Float32Array",[0.5,null]]]"#).unwrap(),
        [0.5, 0.0]
    );
    read::<(u8, u8)>(r#"[["Uint8Array",[1,2,3]]]"#).unwrap_err();
    assert_eq!(
        read::<TypedArray>(r#"[["Int16Array",[-1]]]"#).unwrap(),
        TypedArray::Int16(vec![-1])
    );
    assert_eq!(
        serde_json::from_value::<TypedArray>(json!([0.5])).unwrap(),
        TypedArray::Float64(vec![0.5])
    );
}

#[test]
fn errors_and_expressions_are_named_texts() {
    both(
        Error::with_name("TypeError", "bad\n\u{1f}"),
        r#"[[7,{"name":"TypeError","message":"bad\n\u001f"}]]"#,
        json!({"name": "TypeError", "message": "bad\n\u{1f}"}),
    );
    both(
        RegExp::new("a/b", "gi"),
        r#"[[4,{"source":"a/b","flags":"gi"}]]"#,
        json!({"source": "a/b", "flags": "gi"}),
    );
    assert_eq!(Error::new("boom").to_string(), "Error: boom");
    assert_eq!(
        read::<Error>(r#"[[7,{"message":"m","stack":"S"}]]"#).unwrap(),
        Error::new("m")
    );
    assert_eq!(
        read::<HashMap<String, String>>(r#"[[7,{"message":"m"}]]"#).unwrap()["message"],
        "m"
    );
    for flags in ["zz", "gg", "uv", "é"] {
        read::<RegExp>(&format!(r#"[[4,{{"source":"a","flags":"{flags}"}}]]"#)).unwrap_err();
    }
}

#[test]
fn markers_work_as_fields_and_through_wrappers() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Report {
        at: Option<Date>,
        seen: Set<Value>,
        #[serde(flatten)]
        rest: HashMap<String, Value>,
    }

    let text = r#"[[2,[[1,2],[3,4],[6,7]]],[0,"at"],[3,"1970-01-01T00:00:00.000Z"],[0,"seen"],[6,[5]],[8,"1"],[0,"more"],[-1]]"#;
    let report: Report = read(text).unwrap();
    assert_eq!(report.at, Some(Date::UNIX_EPOCH));
    assert_eq!(report.seen, Set::from([Value::BigInt(1.into())]));
    assert_eq!(report.rest.len(), 1);
}

/// A value with one member of each type.
fn everything() -> Value {
    let leaves = vec![
        Value::Undefined,
        Value::Null,
        Value::Bool(true),
        Value::Number(-1.5),
        Value::from("text"),
        Value::BigInt(u128::MAX.into()),
        Value::Date(Some(Date::MAX)),
        RegExp::new("x", "g").into(),
        Error::with_name("MyError", "m").into(),
        Boxed::Boolean(false).into(),
        Boxed::Number(2.5).into(),
        Boxed::String(String::new()).into(),
        Boxed::BigInt(3.into()).into(),
        TypedArray::Int8(vec![-1]).into(),
        TypedArray::Uint8(vec![255]).into(),
        TypedArray::Uint8Clamped(vec![255]).into(),
        TypedArray::Int16(vec![-300]).into(),
        TypedArray::Uint16(vec![65535]).into(),
        TypedArray::Int32(vec![i32::MIN]).into(),
        TypedArray::Uint32(vec![u32::MAX]).into(),
        TypedArray::Float16(vec![0.5]).into(),
        TypedArray::Float32(vec![0.1]).into(),
        TypedArray::Float64(vec![0.1, 1e300]).into(),
        TypedArray::BigInt64(vec![i64::MIN]).into(),
        TypedArray::BigUint64(vec![u64::MAX]).into(),
        Value::ArrayBuffer(vec![1]),
        Value::DataView(vec![]),
    ];
    let entries = leaves
        .iter()
        .cloned()
        .map(|leaf| (leaf.clone(), leaf))
        .collect();
    Value::Object(vec![
        ("array".into(), Value::Array(leaves.clone())),
        ("set".into(), Value::Set(leaves.into())),
        ("map".into(), Value::Map(entries)),
        ("__proto__".into(), Value::Object(vec![])),
        (String::new(), Value::Array(vec![])),
    ])
}

#[test]
fn any_value_is_the_same_again() {
    let value = everything();
    let text = to_string(&value).unwrap();
    assert_eq!(read::<Value>(&text).unwrap(), value);
    assert_eq!(
        read::<Option<Box<Value>>>(&text).unwrap().as_deref(),
        Some(&value)
    );
}

#[test]
fn any_value_is_json_of_some_kind() {
    let json = json!({"a": [1, 2.5, "x", null, true, {"b": {}}], "c": []});
    let value: Value = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), json);
    assert_eq!(
        value.get("a").and_then(Value::as_array).map(<[_]>::len),
        Some(6)
    );
    let twice: Value = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
    assert_eq!(
        twice,
        Value::Object(vec![("a".into(), 3.into()), ("b".into(), 2.into())])
    );
    let everything = serde_json::to_value(everything()).unwrap();
    assert_eq!(everything["array"][6], "+275760-09-13T00:00:00.000Z");
    assert_eq!(everything["array"][0], json!(null));
    assert_eq!(everything["array"][23], json!(["-9223372036854775808"]));
    assert_eq!(
        serde_json::to_value(Value::Date(None)).unwrap(),
        json!(null)
    );
}

#[test]
fn a_marker_with_foreign_content_is_refused() {
    struct Fake(&'static str);

    impl Serialize for Fake {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_newtype_struct(self.0, &5)
        }
    }

    for name in ["$js::Map", "$js::Set"] {
        assert!(matches!(to_string(&Fake(name)), Err(EncodeError::Marker)));
    }
    assert_eq!(to_string(&Fake("$js::Unheard")).unwrap(), "[[0,5]]");
}

/// A number in the form of `serde_json` with the feature `arbitrary_precision`.
struct Precise(&'static str);

impl Serialize for Precise {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;

        let mut number = serializer.serialize_struct(NUMBER, 1)?;
        number.serialize_field(NUMBER, self.0)?;
        number.end()
    }
}

/// Reads such a number.
fn precise<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    let entries = std::iter::once((NUMBER, text));
    let map = serde::de::value::MapDeserializer::<_, serde::de::value::Error>::new(entries);
    T::deserialize(map).unwrap()
}

#[test]
fn numbers_of_arbitrary_precision_are_numbers() {
    for (number, text) in [
        ("0.75", "[[0,0.75]]"),
        ("-7", "[[0,-7]]"),
        ("1E2", "[[0,100]]"),
        ("1.0", "[[0,1]]"),
        ("9007199254740993", "[[0,9007199254740993]]"),
        ("1e999", "[[0,null]]"),
    ] {
        assert_eq!(to_string(&Precise(number)).unwrap(), text);
    }
    assert_eq!(precise::<Value>("0.75"), Value::Number(0.75));
    assert_eq!(precise::<Value>("3"), Value::Number(3.0));
    let odd = 9_007_199_254_740_993_i64;
    assert_eq!(
        precise::<Value>("9007199254740993"),
        Value::Integer(odd.into())
    );
    assert_eq!(precise::<BigInt>("9007199254740993"), BigInt::from(odd));
    assert_eq!(precise::<BigInt>("1e3"), BigInt::from(1000_i64));
    assert_eq!(precise::<Date>("0"), Date::UNIX_EPOCH);
}

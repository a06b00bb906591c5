//! Compares our hashes with those that the JavaScript package computed.

use serde::Deserialize;

use super::error::HashError;
use super::{hash_arguments, hash_payload, text};
use crate::wire::Payload;
use crate::wire::js::{Boxed, Date, Error, Map, RegExp, Set, TypedArray, Value};
use crate::wire::tests::documented;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vectors {
    cases: Vec<Case>,
    non_json: Vec<NonJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    args_json: String,
    serialized: Option<String>,
    /// Replaces `serialized` where that contains unpaired surrogates.
    serialized_utf16: Option<Vec<u16>>,
    hash: Option<String>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct NonJson {
    js: String,
    serialized: String,
    hash: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../tests/vectors/ohash.json")).unwrap()
}

fn text_of(arguments: &[Value]) -> Result<String, HashError> {
    let mut text = String::new();
    text::write(&mut text, arguments)?;
    Ok(text)
}

/// Reads the arguments of a case, if `serde_json` can read them. It refuses unpaired surrogates and numbers beyond
/// the range of a float.
fn read(case: &Case) -> Option<Vec<Value>> {
    match (
        serde_json::from_str(&case.args_json),
        &case.serialized_utf16,
    ) {
        (Ok(arguments), None) => Some(arguments),
        _ => None,
    }
}

/// Reads the other cases, which have one value each.
fn unreadable(case: &Case) -> Value {
    match (&*case.args_json, &case.serialized_utf16) {
        ("[1e400]", _) => Value::Number(f64::INFINITY),
        ("[-1e400]", _) => Value::Number(f64::NEG_INFINITY),
        (_, Some(units)) => {
            let text = String::from_utf16_lossy(units);
            Value::String(
                text.trim_start_matches("['")
                    .trim_end_matches("']")
                    .to_owned(),
            )
        }
        (json, None) => panic!("{json} cannot be read"),
    }
}

#[test]
fn json_arguments_hash_as_in_javascript() {
    let cases = vectors().cases;
    assert_eq!(cases.len(), 279);
    for case in cases {
        let as_read = read(&case);
        let is_readable = as_read.is_some();
        let arguments = as_read.unwrap_or_else(|| vec![unreadable(&case)]);
        let hash = hash_arguments(&arguments).map(|hash| hash.to_string());
        assert_eq!(case.error.is_some(), hash.is_err(), "{}", case.name);
        assert_eq!(case.hash, hash.ok(), "{}", case.name);
        if let Some(serialized) = case.serialized {
            assert_eq!(text_of(&arguments).unwrap(), serialized, "{}", case.name);
        }
        if is_readable {
            let hash = hash_payload(Payload::Json(&case.args_json)).ok();
            assert_eq!(
                case.hash,
                hash.map(|hash| hash.to_string()),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn what_only_structured_clone_carries_hashes_as_in_javascript() {
    let cases = vectors().non_json;
    assert_eq!(cases.len(), 32);
    let mut not_held = Vec::new();
    for case in cases {
        let Some(arguments) = described(&case.js) else {
            not_held.push(case.js);
            continue;
        };
        assert_eq!(text_of(&arguments).unwrap(), case.serialized, "{}", case.js);
        let hash = hash_arguments(&arguments).unwrap();
        assert_eq!(hash.to_string(), case.hash, "{}", case.js);
    }
    let no_values = [
        "[new URL(\"https://a.b/c\")]",
        "[o] with o={n:1,self:o}",
        "[a] with a=[1,a]",
        "[Symbol(\"s\")]",
    ];
    assert_eq!(not_held, no_values);
}

/// Reads the value of this JavaScript source, if the wire can carry it.
fn described(source: &str) -> Option<Vec<Value>> {
    let number = Value::Number;
    let text = |text: &str| Value::String(text.to_owned());
    let a_one = || Value::Object(vec![("a".to_owned(), number(1.0))]);
    let map = |entries: Vec<(Value, Value)>| Value::Map(Map::from(entries));
    let set = |members: Vec<Value>| Value::Set(Set::from(members));
    let error = |name: &str| Value::Error(Box::new(Error::with_name(name, "x")));
    Some(match source {
        "[undefined]" => vec![Value::Undefined],
        "[undefined,undefined]" => vec![Value::Undefined, Value::Undefined],
        "[1,undefined]" => vec![number(1.0), Value::Undefined],
        "[{a:undefined}]" => vec![Value::Object(vec![("a".to_owned(), Value::Undefined)])],
        "[NaN]" => vec![number(f64::NAN)],
        "[Infinity]" => vec![number(f64::INFINITY)],
        "[-Infinity]" => vec![number(f64::NEG_INFINITY)],
        "[-0]" => vec![number(-0.0)],
        "[10n]" => vec![Value::BigInt(10_u32.into())],
        "[new Date(0)]" => vec![Value::Date(Some(Date::UNIX_EPOCH))],
        "[new Date(NaN)]" => vec![Value::Date(None)],
        r"[/a\/b/gi]" => vec![Value::RegExp(Box::new(RegExp::new(r"a\/b", "gi")))],
        r#"[new Map([["b",1],["a",2]])]"# => {
            vec![map(vec![
                (text("b"), number(1.0)),
                (text("a"), number(2.0)),
            ])]
        }
        r#"[new Map([[2,"x"],[10,"y"],[1,"z"]])]"# => vec![map(vec![
            (number(2.0), text("x")),
            (number(10.0), text("y")),
            (number(1.0), text("z")),
        ])],
        "[new Map()]" => vec![map(Vec::new())],
        r#"[new Set(["b","a",1])]"# => vec![set(vec![text("b"), text("a"), number(1.0)])],
        "[new Set([10,9,1])]" => vec![set(vec![number(10.0), number(9.0), number(1.0)])],
        "[new Set()]" => vec![set(Vec::new())],
        r#"[new Error("x")]"# => vec![error("Error")],
        r#"[new TypeError("x")]"# => vec![error("TypeError")],
        "[new Uint8Array([1,2])]" => vec![Value::TypedArray(TypedArray::Uint8(vec![1, 2]))],
        "[new Uint8Array([1,2]).buffer]" => vec![Value::ArrayBuffer(vec![1, 2])],
        "[new BigInt64Array([1n,2n])]" => {
            vec![Value::TypedArray(TypedArray::BigInt64(vec![1, 2]))]
        }
        "[new Float64Array([0.1])]" => vec![Value::TypedArray(TypedArray::Float64(vec![0.1]))],
        "[,1] (hole)" => vec![Value::Undefined, number(1.0)],
        "[s,s] with s={a:1} shared" => vec![a_one(), a_one()],
        "[Object.create(null)]" => vec![Value::Object(Vec::new())],
        r#"[Buffer.from("hi")]"# => vec![Value::TypedArray(TypedArray::Uint8(b"hi".to_vec()))],
        _ => return None,
    })
}

#[cfg(feature = "client")]
#[test]
fn a_hash_is_read_as_it_is_printed() {
    use super::ArgumentHash;

    for case in vectors().cases {
        if let Some(text) = case.hash {
            let hash = ArgumentHash::parse(&text).unwrap();
            assert_eq!(hash.to_string(), text);
            // The last digit has two unused bits.
            let spare = format!("{}B", &text[..42]);
            for other in [
                &spare,
                &text[1..],
                &format!("{text}A"),
                &format!("{}=", &text[1..]),
                "",
            ] {
                assert_eq!(ArgumentHash::parse(other), None, "{other}");
            }
        }
    }
}

#[test]
fn what_javascript_cannot_hash_has_no_hash() {
    for (value, class) in [
        (Value::Boxed(Boxed::String(String::new())), "String"),
        (Value::Boxed(Boxed::BigInt(1_u32.into())), "BigInt"),
        (Value::DataView(Vec::new()), "DataView"),
    ] {
        let error = hash_arguments(&[value]).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("an argument of the class `{class}` has no hash")
        );
    }
    let error = hash_payload(Payload::Json("{}")).unwrap_err();
    assert!(matches!(error, HashError::NotAnArray));
}

#[test]
fn nesting_ends_where_it_does_on_the_wire() {
    let nested = |levels: usize| {
        (1..levels).fold(Vec::new(), |inner, level| {
            vec![if level % 2 == 0 {
                Value::Array(inner)
            } else {
                Value::Set(inner.into())
            }]
        })
    };
    assert!(hash_arguments(&nested(text::MAX_DEPTH)).is_ok());
    let error = hash_arguments(&nested(text::MAX_DEPTH + 2)).unwrap_err();
    assert!(matches!(error, HashError::TooDeep));
}

#[test]
fn many_members_of_a_set_are_sorted() {
    let numbers = (0..1000_u32).map(|n| f64::from(n * 7919 % 1000));
    let set: Vec<Value> = numbers.map(Value::Number).collect();
    let sorted: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let text = text_of(&[Value::Set(set.into())]).unwrap();
    assert_eq!(text, format!("[Set[{}]]", sorted.join(",")));
}

#[test]
fn the_documented_hashes_are_those_of_their_arguments() {
    let hashes = documented("hashes");
    assert!(hashes.len() >= 4, "{} hashes", hashes.len());
    for line in hashes {
        let (hash, arguments) = line.split_once(' ').unwrap();
        let computed = hash_payload(Payload::Json(arguments)).unwrap();
        assert_eq!(computed.to_string(), hash, "{arguments}");
    }
}

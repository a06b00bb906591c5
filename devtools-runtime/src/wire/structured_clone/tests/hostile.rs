//! Hostile texts: none may overflow the stack, take much time or memory, or panic.

use std::{collections::HashMap, fmt::Debug};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    super::{DecodeError, Document, EncodeError, MAX_DEPTH, to_string},
    vectors::{on_a_small_stack, texts},
};
use crate::wire::js::{Map, Set, Value};

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, DecodeError> {
    Document::parse(text)?.root().read()
}

fn refused<T: for<'de> Deserialize<'de> + Debug>(text: &str, problem: &str) {
    let error = read::<T>(text).unwrap_err();
    assert!(error.problem().contains(problem), "{error}");
}

/// `[1,[1]],[1,[2]],…` with this tag, and an empty one at the end.
fn chain(tag: &str, levels: usize) -> String {
    let records: String = (1..levels)
        .map(|next| match tag {
            "1" | "6" => format!("[{tag},[{next}]],"),
            _ => format!("[{tag},[[{levels},{next}]]],"),
        })
        .collect();
    format!("[{records}[{tag},[]],[0,\"k\"]]")
}

#[test]
fn nesting_has_a_limit_for_readers() {
    on_a_small_stack(|| {
        for tag in ["1", "2", "5", "6"] {
            read::<Value>(&chain(tag, MAX_DEPTH)).unwrap();
            read::<serde_json::Value>(&chain(tag, MAX_DEPTH)).unwrap();
            refused::<Value>(&chain(tag, MAX_DEPTH + 1), "nested deeper");
            refused::<serde_json::Value>(&chain(tag, 100_000), "nested deeper");
        }
        let brackets = |count| format!("[[0,{}{}]]", "[".repeat(count), "]".repeat(count));
        read::<Value>(&brackets(MAX_DEPTH)).unwrap();
        refused::<Value>(&brackets(MAX_DEPTH + 1), "nested deeper");
        refused::<Value>(&brackets(20_000), "nested deeper");
        let braces = format!("[[0,{}0{}]]", "{\"k\":".repeat(20_000), "}".repeat(20_000));
        refused::<Value>(&braces, "nested deeper");
        let document = Document::parse(&braces).unwrap();
        document.root().to_json().unwrap_err();
    });
}

#[derive(Debug, Serialize, Deserialize)]
struct Recursive {
    text: String,
    numbers: [u64; 16],
    next: Option<Box<Recursive>>,
}

#[test]
fn a_recursive_struct_fits_a_small_stack() {
    on_a_small_stack(|| {
        let mut value = None;
        // Each level is two containers, of which the last array has no level below.
        for _ in 1..MAX_DEPTH {
            value = Some(Box::new(Recursive {
                text: String::new(),
                numbers: [7; 16],
                next: value,
            }));
        }
        let text = to_string(&value).unwrap();
        let again: Box<Recursive> = read(&text).unwrap();
        assert_eq!(to_string(&again).unwrap(), text);
    });
}

#[test]
fn nesting_has_a_limit_for_writers() {
    struct Endless;

    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            Some([Endless]).serialize(serializer)
        }
    }

    fn nested(levels: usize, wrap: impl Fn(Value) -> Value) -> Value {
        (0..levels).fold(Value::Null, |inner, _| wrap(inner))
    }

    on_a_small_stack(|| {
        assert!(matches!(to_string(&Endless), Err(EncodeError::TooDeep)));
        for wrap in [
            |it| Value::Array(vec![it]),
            |it| Value::Object(vec![("k".into(), it)]),
            |it| Value::Map(Map::from([(it, Value::Null)])),
            |it| Value::Set(Set::from([it])),
        ] {
            let deepest = nested(MAX_DEPTH, wrap);
            assert_eq!(
                read::<Value>(&to_string(&deepest).unwrap()).unwrap(),
                deepest
            );
            let error = to_string(&nested(MAX_DEPTH + 1, wrap)).unwrap_err();
            assert!(matches!(error, EncodeError::TooDeep), "{error}");
        }
    });
}

#[test]
fn cycles_are_refused() {
    for text in [
        "[[1,[0]]]",
        "[[1,[0,0]]]",
        "[[6,[0]]]",
        "[[5,[[0,0]]]]",
        "[[5,[[1,0]]],[0,1]]",
        r#"[[2,[[1,0]]],[0,"self"]]"#,
        r#"[[2,[[1,2]]],[0,"a"],[2,[[1,0]]]]"#,
    ] {
        refused::<Value>(text, "contains itself");
        refused::<serde_json::Value>(text, "");
        let document = Document::parse(text).unwrap();
        document.root().to_json().unwrap_err();
    }
}

#[test]
fn sharing_cannot_make_a_small_text_large() {
    let doubling: Vec<_> = (1..60)
        .map(|next| format!("[1,[{next},{next}]],"))
        .collect();
    let doubling = doubling.concat();
    refused::<Value>(&format!("[{doubling}[1,[]]]"), "too large");

    let references = vec!["1"; 100_000].join(",");
    let long = "x".repeat(1_000_000);
    for leaf in [
        format!("[0,\"{long}\"]"),
        format!("[0,{}]", "1".repeat(1_000_000)),
        format!("[0.{}0,null]", "0".repeat(1_000_000)),
        format!("[8,\"{}\"]", "1".repeat(1_000_000)),
        format!("[{}0,null]", " ".repeat(1_000_000)),
        format!("[7,{{\"message\":\"{long}\"}}]"),
        format!("[\"Uint8Array\",[{references}]]"),
    ] {
        let text = format!("[[1,[{references}]],{leaf}]");
        refused::<Value>(&text, "too large");
        refused::<Vec<Option<f64>>>(&text, "");
    }
    let rows = vec!["[1,2]"; 100_000].join(",");
    let keys = format!("[[5,[{rows}]],[0,\"{long}\"],[0,1]]");
    refused::<Value>(&keys, "too large");
    refused::<Value>(&keys.replacen('5', "2", 1), "too large");
}

#[test]
fn an_ordinary_text_is_far_from_its_budget() {
    let rows: Vec<_> = (0..20_000)
        .map(|row| {
            HashMap::from([
                ("path", "src/a-shared-folder/of-some-length/file.ts"),
                ("kind", if row % 2 == 0 { "module" } else { "asset" }),
            ])
        })
        .collect();
    let text = to_string(&rows).unwrap();
    assert_eq!(
        read::<Vec<HashMap<String, String>>>(&text).unwrap().len(),
        rows.len()
    );
}

#[test]
fn many_members_are_not_compared_with_each_other() {
    // There are so many that a pairwise comparison would exceed the limit.
    let count = 250_000;
    let keys: Vec<_> = (1..=count).map(|key| format!(",[0,\"k{key}\"]")).collect();
    let keys = keys.concat();
    let pairs: Vec<_> = (1..=count).map(|key| format!("[{key},{key}]")).collect();
    let members: Vec<_> = (1..=count).map(|key| key.to_string()).collect();
    for (tag, payload) in [
        ("2", pairs.join(",")),
        ("5", pairs.join(",")),
        ("6", members.join(",")),
    ] {
        let text = format!("[[{tag},[{payload}]]{keys}]");
        on_a_small_stack(move || read::<Value>(&text).unwrap());
    }
}

#[test]
fn what_is_not_asked_for_is_not_looked_at() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wanted {
        wanted: u8,
    }

    let text =
        r#"[[2,[[1,0],[2,3],[4,5]]],[0,"cycle"],[0,"wanted"],[0,7],[0,"junk"],[99,{}],null]"#;
    assert_eq!(read::<Wanted>(text).unwrap(), Wanted { wanted: 7 });
}

#[test]
fn memory_is_not_ordered_by_length() {
    for class in [
        "Uint8Array",
        "Float64Array",
        "BigInt64Array",
        "ArrayBuffer",
        "DataView",
    ] {
        refused::<Value>(&format!("[[\"{class}\",1000000000]]"), "does not hold");
        refused::<Value>(&format!("[[\"{class}\"]]"), "does not hold");
    }
}

#[test]
fn messages_stay_short() {
    let long = "x".repeat(1_000_000);
    for text in [
        format!("[[0,\"{long}\"]]"),
        format!("[[\"{long}\",1]]"),
        format!("[[2,[[1,1]]],[0,\"{long}\"]]"),
        format!("[[1,[{}]]]", "9".repeat(1_000_000)),
    ] {
        let error = read::<HashMap<String, u8>>(&text).unwrap_err();
        assert!(
            error.to_string().len() < 1000,
            "{}",
            error.to_string().len()
        );
    }
}

/// A small generator of pseudo-random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

#[test]
fn damaged_texts_are_read_or_refused() {
    const PIECES: [&str; 24] = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "\\ud800",
        "0",
        "1",
        "-1",
        "2",
        "5",
        "9",
        "1.5",
        "1e3",
        "null",
        "true",
        " ",
        "é",
        "\"Uint8Array\"",
        "4294967295",
    ];
    on_a_small_stack(|| {
        let mut random = Random(0x5eed);
        let (mut read, mut refused) = (0, 0);
        for text in texts() {
            for _ in 0..60 {
                let mut damaged = text.clone();
                for _ in 0..=random.below(3) {
                    let from = floor_boundary(&damaged, random.below(damaged.len() + 1));
                    let to = floor_boundary(&damaged, (from + random.below(4)).min(damaged.len()));
                    damaged.replace_range(from..to.max(from), PIECES[random.below(PIECES.len())]);
                }
                match try_everything(&damaged) {
                    Ok(()) => read += 1,
                    Err(_) => refused += 1,
                }
            }
        }
        println!("damaged texts: {read} read, {refused} refused");
        assert!(read > 500 && refused > 500);
    });
}

fn floor_boundary(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// Reads a text in every possible way. If it reads as a value, writing that gives the same value again.
fn try_everything(text: &str) -> Result<(), DecodeError> {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum Choice {
        A,
        B(u8),
        C(u8, String),
        D { x: Option<u8> },
    }

    let document = Document::parse(text)?;
    let root = document.root();
    let _ = (
        root.is_truthy(),
        root.is_null(),
        root.is_undefined(),
        root.as_str().is_some(),
    );
    let _ = root.elements().map(|elements| elements.len());
    let _ = root.entries().map(|entries| entries.len());
    let _ = root
        .to_json()
        .map(|json| serde_json::from_str::<Box<RawValue>>(&json).unwrap());
    let _ = root.read::<serde_json::Value>();
    let _ = root.read::<Choice>();
    let _ = root.read::<HashMap<u32, &str>>();
    let _ = root.read::<(i128, f32, crate::wire::js::Bytes)>();
    let value: Value = root.read()?;
    match to_string(&value) {
        Ok(text) => {
            let again: Value = Document::parse(&text)?.root().read()?;
            assert_eq!(to_string(&again).unwrap(), text);
        }
        Err(error) => assert!(matches!(error, EncodeError::InvalidDate), "{error}"),
    }
    Ok(())
}

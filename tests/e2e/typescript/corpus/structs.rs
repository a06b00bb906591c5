//! Structs.

use std::collections::BTreeMap;

use serde_json::Value;

use super::checked::{Corpus, text};
use super::{
    Aliased, AllDefaulted, CamelCase, CasedOneWay, Commented, Converted, Defaulted, DefaultedInput,
    DocumentedUnits, Empty, External, Flattened, FlattenedEnum, FlattenedMap, FlattenedNoEnum,
    FlattenedNoExternal, FlattenedNoUntagged, FlattenedNothing, FlattenedOption, FlattenedTwo,
    FlattenedUnits, FlattenedValues, Internal, Keys, LeftOut, LeftOutEnum, LeftOutVec, LeftOutZero,
    Named, Nested, Newtype, NewtypeOption, NotRead, NotWritten, Nullable, OnlyFlattened, Pair,
    Picked, Plain, Promise, Record, Renamed, RenamedOneWay, RenamedType, Screaming, Skipped,
    Strict, Transparent, TransparentMap, Unit, Units, UntaggedStructs, With, other,
};

#[expect(clippy::too_many_lines, reason = "it is a list")]
pub(super) fn structs(corpus: &mut Corpus) {
    let plain = || Plain {
        id: text("a"),
        size: 3,
    };
    let named = || Named { name: text("n") };
    corpus.of(
        "plain",
        [plain()],
        &[r#"{"id":"a"}"#, r#"{"id":1,"size":3}"#, "null", "[]"],
    );
    corpus.of(
        "plain-elsewhere",
        [other::Plain { other: true }],
        &[r#"{"id":"a","size":3}"#],
    );
    corpus.of("renamed", [Renamed { id: text("a") }], &[r#"{"id":"a"}"#]);
    corpus.of("renamed-type", [RenamedType { id: text("a") }], &["{}"]);
    corpus.with(
        "renamed-one-way",
        [RenamedOneWay { id: 1 }],
        &[r#"{"in":1}"#],
        &[r#"{"out":1}"#],
    );
    corpus.of(
        "aliased",
        [
            Aliased { id: None },
            Aliased {
                id: Some(text("a")),
            },
        ],
        &[r#"{"id":1}"#],
    );
    corpus.of(
        "camel-case",
        [CamelCase {
            first_name: text("a"),
            last_name: text("b"),
        }],
        &[r#"{"first_name":"a","last_name":"b"}"#],
    );
    corpus.of(
        "screaming",
        [Screaming {
            first_name: text("a"),
        }],
        &[r#"{"firstName":"a"}"#],
    );
    corpus.with(
        "cased-one-way",
        [CasedOneWay {
            first_name: text("a"),
        }],
        &[r#"{"first_name":"a"}"#],
        &[r#"{"firstName":"a"}"#],
    );
    corpus.of(
        "nullable",
        [Nullable { value: None }, Nullable { value: Some(1) }],
        &[r#"{"value":"1"}"#],
    );
    corpus.with(
        "nullable-read",
        [Nullable { value: None }],
        &["{}", r#"{"value":null}"#],
        &[],
    );
    corpus.with(
        "left-out",
        [LeftOut { value: None }, LeftOut { value: Some(1) }],
        &["{}", r#"{"value":null}"#],
        &[],
    );
    corpus.of(
        "left-out-enum",
        [
            LeftOutEnum { value: None },
            LeftOutEnum {
                value: Some(Internal::Unit),
            },
        ],
        &[r#"{"value":1}"#],
    );
    // `None` is not what is left out here.
    corpus.of(
        "left-out-zero",
        [
            LeftOutZero { value: None },
            LeftOutZero { value: Some(0) },
            LeftOutZero { value: Some(1) },
        ],
        &[r#"{"value":"a"}"#],
    );
    corpus.with(
        "left-out-vec",
        [
            LeftOutVec { values: vec![] },
            LeftOutVec { values: vec![1] },
        ],
        &["{}"],
        &[r#"{"values":null}"#],
    );
    corpus.with(
        "defaulted",
        [Defaulted { value: 1 }],
        &["{}"],
        &[r#"{"value":null}"#],
    );
    corpus.with(
        "all-defaulted",
        [AllDefaulted::default()],
        &["{}", r#"{"one":1}"#],
        &[r#"{"two":2}"#],
    );
    corpus.of("skipped", [Skipped { id: 1, _cache: 2 }], &["{}"]);
    corpus.with(
        "not-written",
        [NotWritten {
            id: 1,
            _secret: text("s"),
        }],
        &[r#"{"id":1}"#, r#"{"id":1,"_secret":"x"}"#],
        &[],
    );
    corpus.with(
        "not-read",
        [NotRead { id: 1, sum: 2 }],
        &[r#"{"id":1}"#],
        &[],
    );
    corpus.of(
        "flattened",
        [Flattened {
            id: 1,
            plain: named(),
        }],
        &[r#"{"id":1,"plain":{"name":"n"}}"#],
    );
    let rest = || BTreeMap::from([(text("a"), text("b"))]);
    corpus.of(
        "flattened-map",
        [FlattenedMap {
            id: 1,
            rest: rest(),
        }],
        &[r#"{"a":"b"}"#],
    );
    corpus.of(
        "flattened-values",
        [FlattenedValues {
            id: 1,
            rest: [(text("a"), Value::Null)].into(),
        }],
        &["{}"],
    );
    corpus.of(
        "flattened-option",
        [
            FlattenedOption { id: 1, named: None },
            FlattenedOption {
                id: 1,
                named: Some(named()),
            },
        ],
        &["{}"],
    );
    corpus.of(
        "flattened-enum",
        [
            FlattenedEnum {
                id: 1,
                shape: Internal::Unit,
            },
            FlattenedEnum {
                id: 1,
                shape: Internal::New(named()),
            },
        ],
        &[r#"{"id":1}"#],
    );
    let picks = || [None, Some(Internal::Unit), Some(Internal::New(named()))];
    corpus.of(
        "flattened-no-enum",
        picks().map(|pick| FlattenedNoEnum { id: 1, pick }),
        &["{}", r#"{"kind":"unit"}"#],
    );
    corpus.of(
        "flattened-no-external",
        [
            None,
            Some(External::Unit),
            Some(External::New(1)),
            Some(External::Struct { id: 2 }),
        ]
        .map(|pick| FlattenedNoExternal { id: 1, pick }),
        &["{}"],
    );
    corpus.of(
        "flattened-no-untagged",
        [
            None,
            Some(UntaggedStructs::One { one: 1 }),
            Some(UntaggedStructs::Two { two: text("a") }),
        ]
        .map(|pick| FlattenedNoUntagged { id: 1, pick }),
        &["{}"],
    );
    corpus.of(
        "flattened-nothing",
        [
            FlattenedNothing { id: 1, pick: None },
            FlattenedNothing {
                id: 1,
                pick: Some(Picked {
                    pick: Internal::Struct { radius: 1.5 },
                }),
            },
        ],
        &["{}"],
    );
    corpus.of(
        "flattened-units",
        [DocumentedUnits::First, DocumentedUnits::Second]
            .map(|units| FlattenedUnits { id: 1, units }),
        &[r#"{"id":1}"#, r#"{"id":1,"First":2}"#],
    );
    corpus.of(
        "only-flattened",
        picks().map(|pick| OnlyFlattened { pick }),
        &["1"],
    );
    corpus.of(
        "flattened-two",
        [FlattenedTwo {
            one: Internal::Struct { radius: 1.5 },
            two: External::New(1),
        }],
        &[r#"{"kind":"unit"}"#],
    );
    corpus.of("strict", [Strict { id: 1 }], &[r#"{"id":1,"more":2}"#]);
    corpus.of(
        "transparent",
        [Transparent { id: text("a") }],
        &[r#"{"id":"a"}"#],
    );
    corpus.of("converted", [Converted { id: 1 }], &["1"]);
    corpus.of("with", [With { id: 1 }], &[r#"{"id":1}"#]);
    corpus.of("empty", [Empty {}], &["null", "1"]);
    corpus.of(
        "keys",
        [Keys {
            quoted: 1,
            number: 2,
            r#type: 3,
            class: 4,
        }],
        &["{}"],
    );
    corpus.of("newtype", [Newtype(text("a"))], &["1"]);
    corpus.of(
        "newtype-option",
        [NewtypeOption(None), NewtypeOption(Some(1))],
        &[r#""a""#],
    );
    corpus.of("tuple-struct", [Pair(1, text("a"))], &["[1]", r#"["a",1]"#]);
    corpus.of("unit-struct", [Unit], &["1", "{}"]);
    corpus.of(
        "transparent-map",
        [TransparentMap([(text("a"), 1)].into())],
        &[r#"{"a":"b"}"#],
    );
    #[expect(deprecated, reason = "the subject")]
    let commented = Commented { id: 1, old: None };
    corpus.of("commented", [commented], &["{}"]);
    corpus.of(
        "reserved",
        [Record {
            of: Promise { done: true },
        }],
        &["{}"],
    );
    let nested = Nested {
        tuple: (1, None),
        list: vec![None, Some(Units::One)],
        map: [(text("a"), vec![plain()])].into(),
        result: Err(text("e")),
    };
    corpus.of("nested", [nested], &[r#"{"tuple":[1]}"#]);
    corpus.with(
        "defaulted-inside",
        [DefaultedInput {
            inner: Defaulted { value: 1 },
            list: vec![],
        }],
        &[r#"{"inner":{},"list":[{}]}"#],
        &["{}"],
    );
}

//! Types of every kind that serde knows, each with values: what Rust writes has the type, and what has the type Rust reads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::num::{NonZeroI16, NonZeroU8};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use devtools_runtime::typescript::{KeyedBy, TypeScriptOptions};
use devtools_runtime::{DevTools, DevToolsBuilder, define_rpc_function, js};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::typecheck::typecheck;

macro_rules! types {
    ($($(#[$attribute:meta])* $kind:ident $name:ident $body:tt)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema)]
        $(#[$attribute])*
        $kind $name $body
    )*};
}

macro_rules! tuples {
    ($($(#[$attribute:meta])* $name:ident $(($($body:tt)*))?;)*) => {$(
        #[derive(Serialize, Deserialize, JsonSchema)]
        $(#[$attribute])*
        struct $name $(($($body)*))?;
    )*};
}

types! {
    struct Plain { id: String, size: u32 }
    struct Renamed { #[serde(rename = "the-id")] id: String }
    #[serde(rename = "Elsewhere")]
    struct RenamedType { id: String }
    struct RenamedOneWay { #[serde(rename(serialize = "out", deserialize = "in"))] id: u8 }
    struct Aliased { #[serde(alias = "name")] id: Option<String> }
    #[serde(rename_all = "camelCase")]
    struct CamelCase { first_name: String, last_name: String }
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    struct Screaming { first_name: String }
    #[serde(rename_all(serialize = "camelCase"))]
    struct CasedOneWay { first_name: String }
    struct Nullable { value: Option<u8> }
    struct LeftOut { #[serde(skip_serializing_if = "Option::is_none", default)] value: Option<u8> }
    struct LeftOutEnum { #[serde(skip_serializing_if = "Option::is_none")] value: Option<Internal> }
    struct LeftOutZero { #[serde(default, skip_serializing_if = "is_zero")] value: Option<u8> }
    struct LeftOutVec { #[serde(skip_serializing_if = "Vec::is_empty", default)] values: Vec<u8> }
    struct Defaulted { #[serde(default)] value: u8 }
    #[serde(default)]
    #[derive(Default)]
    struct AllDefaulted { one: u8, two: String }
    struct Skipped { id: u8, #[serde(skip)] _cache: u32 }
    struct NotWritten { id: u8, #[serde(skip_serializing, default)] _secret: String }
    struct NotRead { id: u8, #[serde(skip_deserializing)] sum: u32 }
    struct Flattened { id: u8, #[serde(flatten)] plain: Named }
    struct Named { name: String }
    struct FlattenedMap { id: u8, #[serde(flatten)] rest: BTreeMap<String, String> }
    struct FlattenedValues { id: u8, #[serde(flatten)] rest: HashMap<String, Value> }
    struct FlattenedOption { id: u8, #[serde(flatten)] named: Option<Named> }
    struct FlattenedEnum { id: u8, #[serde(flatten)] shape: Internal }
    struct FlattenedNoEnum { id: u8, #[serde(flatten)] pick: Option<Internal> }
    struct FlattenedNoExternal { id: u8, #[serde(flatten)] pick: Option<External> }
    struct FlattenedNoUntagged { id: u8, #[serde(flatten)] pick: Option<UntaggedStructs> }
    struct FlattenedNothing { id: u8, #[serde(flatten)] pick: Option<Picked> }
    struct Picked { #[serde(flatten)] pick: Internal }
    struct FlattenedUnits { id: u8, #[serde(flatten)] units: DocumentedUnits }
    struct OnlyFlattened { #[serde(flatten)] pick: Option<Internal> }
    struct FlattenedTwo { #[serde(flatten)] one: Internal, #[serde(flatten)] two: External }
    #[serde(deny_unknown_fields)]
    struct Strict { id: u8 }
    #[serde(transparent)]
    struct Transparent { id: String }
    #[serde(into = "String", try_from = "String")]
    #[schemars(with = "String")]
    #[derive(Clone)]
    struct Converted { id: u8 }
    struct With { #[serde(with = "as_text")] #[schemars(with = "String")] id: u8 }
    struct Empty {}
    struct Keys { #[serde(rename = "it's \"one\"\n")] quoted: u8, #[serde(rename = "2")] number: u8, r#type: u8, class: u8 }

    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Units { One, Two }
    struct Counted {
        #[schemars(with = "KeyedBy<DocumentedUnits, Option<u8>>")]
        counts: BTreeMap<DocumentedUnits, Option<u8>>,
    }
    #[serde(rename_all = "kebab-case")]
    enum RenamedUnits { FirstOne, #[serde(rename = "2nd")] Second }
    enum External { Unit, New(u8), Tuple(u8, String), Struct { id: u8 } }
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Internal { Unit, New(Named), Struct { radius: f64 } }
    #[serde(tag = "t", content = "c")]
    enum Adjacent { Unit, New(u8), Tuple(u8, String), Struct { id: u8 } }
    #[serde(untagged)]
    enum Untagged { Number(f64), Text(String), Pair(u8, u8), Struct { id: u8 }, Unit }
    #[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
    enum Fields { SomeThing { first_name: String } }
    enum Other { Known, #[serde(skip)] _Hidden }
    #[serde(tag = "kind", deny_unknown_fields)]
    enum StrictInternal { A { id: u8 }, B }
    #[serde(untagged)]
    enum UntaggedStructs { One { one: u8 }, Two { two: String } }
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum DocumentedUnits {
        /// The first.
        First,
        /// The second.
        Second,
    }
    enum Documented {
        /// The first.
        One,
        /// The second.
        Two(u8),
    }

    struct Tree { name: String, children: Vec<Tree> }
    struct Linked { next: Option<Box<Linked>> }
    struct Left { right: Option<Box<Right>> }
    struct Right { left: Vec<Left> }
    struct UsesBounds { numbers: Bounds<u8>, texts: Bounds<String> }
    /// Says much. */ And goes on.
    struct Commented {
        /// First line.
        ///
        /// Another one.
        id: u8,
        #[deprecated]
        old: Option<u8>,
    }
    struct Nested { tuple: (u8, Option<String>), list: Vec<Option<Units>>, map: BTreeMap<String, Vec<Plain>>, result: Result<u8, String> }
    struct Record { of: Promise }
    struct Promise { done: bool }
    struct DefaultedInput { inner: Defaulted, list: Vec<Defaulted> }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Page_of_{T}")]
struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Bounds<T> {
    of: T,
}

tuples! {
    Newtype(String);
    NewtypeOption(Option<u8>);
    Pair(u8, String);
    Unit;
    TransparentMap(BTreeMap<String, u8>);
}

mod other {
    use super::{Deserialize, JsonSchema, Serialize};

    #[derive(Serialize, Deserialize, JsonSchema)]
    pub(super) struct Plain {
        pub(super) other: bool,
    }
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's signature"
)]
fn is_zero(value: &Option<u8>) -> bool {
    *value == Some(0)
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(id: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

impl From<Converted> for String {
    fn from(converted: Converted) -> Self {
        converted.id.to_string()
    }
}

impl TryFrom<String> for Converted {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(|id| Self { id })
    }
}

/// What is checked of one type.
struct Case {
    name: &'static str,
    written: Vec<String>,
    /// What Rust reads, and whether it does.
    read: Vec<(&'static str, bool)>,
}

/// The types with their values, and what Rust is to read and to refuse.
#[derive(Default)]
struct Corpus {
    cases: Vec<Case>,
    builder: Option<DevToolsBuilder>,
}

impl Corpus {
    /// A type whose values are read as they are written.
    fn of<T>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
        refused: &[&'static str],
    ) where
        T: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
    {
        self.with(name, values, &[], refused);
        let case = self.cases.last_mut().unwrap();
        for text in &case.written {
            serde_json::from_str::<T>(text)
                .unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
        }
        let written = case
            .written
            .iter()
            .map(|text| (&*text.clone().leak(), true));
        case.read.extend(written.collect::<Vec<_>>());
    }

    /// A type that is read in another form than it is written in.
    fn with<T>(
        &mut self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
        read: &[&'static str],
        refused: &[&'static str],
    ) where
        T: Serialize + DeserializeOwned + JsonSchema + Send + 'static,
    {
        let written: Vec<String> = values
            .into_iter()
            .map(|value| serde_json::to_string(&value).unwrap())
            .collect();
        assert!(!written.is_empty(), "{name}");
        for text in read {
            serde_json::from_str::<T>(text)
                .unwrap_or_else(|error| panic!("{name}: {text}: {error}"));
        }
        for text in refused {
            assert!(
                serde_json::from_str::<T>(text).is_err(),
                "{name} reads {text}"
            );
        }
        let read = read.iter().map(|text| (*text, true));
        let refused = refused.iter().map(|text| (*text, false));
        self.cases.push(Case {
            name,
            written,
            read: read.chain(refused).collect(),
        });
        let function = define_rpc_function(format!("corpus:{name}"))
            .types::<fn(T) -> T>()
            .handler(|value: T| value);
        let builder = self.builder.take();
        let builder = builder.unwrap_or_else(|| DevTools::builder().without_collected());
        self.builder = Some(builder.function(function));
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn structs(corpus: &mut Corpus) {
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

fn enums(corpus: &mut Corpus) {
    let named = || Named { name: text("n") };
    corpus.of("units", [Units::One, Units::Two], &[r#""Three""#]);
    corpus.of(
        "renamed-units",
        [RenamedUnits::FirstOne, RenamedUnits::Second],
        &[r#""Second""#],
    );
    corpus.of(
        "external",
        [
            External::Unit,
            External::New(1),
            External::Tuple(1, text("a")),
            External::Struct { id: 1 },
        ],
        &[r#"{"New":"a"}"#, r#""New""#, r#"{"Tuple":[1]}"#],
    );
    corpus.of(
        "internal",
        [
            Internal::Unit,
            Internal::New(named()),
            Internal::Struct { radius: 0.5 },
        ],
        &[r#"{"kind":"new"}"#, r#"{"radius":1}"#, r#""unit""#],
    );
    corpus.of(
        "adjacent",
        [
            Adjacent::Unit,
            Adjacent::New(1),
            Adjacent::Tuple(1, text("a")),
            Adjacent::Struct { id: 1 },
        ],
        &[r#"{"t":"New"}"#, r#"{"t":"New","c":"a"}"#],
    );
    corpus.of(
        "untagged",
        [
            Untagged::Number(1.0),
            Untagged::Text(text("a")),
            Untagged::Pair(1, 2),
            Untagged::Struct { id: 1 },
            Untagged::Unit,
        ],
        &["true", r#"["a"]"#],
    );
    corpus.of(
        "fields",
        [Fields::SomeThing {
            first_name: text("a"),
        }],
        &[r#"{"type":"someThing","first_name":"a"}"#],
    );
    corpus.of("other", [Other::Known], &[r#""_Hidden""#]);
    corpus.of(
        "strict-internal",
        [StrictInternal::A { id: 1 }, StrictInternal::B],
        &[r#"{"kind":"A"}"#],
    );
    corpus.of(
        "documented",
        [Documented::One, Documented::Two(2)],
        &[r#""Two""#],
    );
    corpus.of(
        "bound",
        [std::ops::Bound::Included(1), std::ops::Bound::Unbounded],
        &["1"],
    );
    corpus.of("results", [Ok::<u8, String>(1), Err(text("e"))], &["1"]);
}

#[expect(clippy::too_many_lines, reason = "it is a list")]
fn others(corpus: &mut Corpus) {
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

#[tokio::test]
async fn values_have_the_types_that_are_written() {
    let mut corpus = Corpus::default();
    structs(&mut corpus);
    enums(&mut corpus);
    others(&mut corpus);
    assert!(corpus.cases.len() >= 60, "{}", corpus.cases.len());

    let devtools = corpus.builder.unwrap().build().await.unwrap();
    let options = TypeScriptOptions::new().without_augmentation();
    let declarations = devtools.typescript_with(&options).unwrap();
    println!("{declarations}");
    assert_eq!(declarations, devtools.typescript_with(&options).unwrap());

    let mut checks =
        String::from("import type { CorpusServerFunctions as F } from './generated'\n");
    for Case {
        name,
        written,
        read,
    } in &corpus.cases
    {
        // An argument that is nothing is left out; a result that is nothing is not looked at.
        let alone = ["option", "option-of-enum"].contains(name);
        for value in written {
            let value = if *name == "unit" {
                "undefined"
            } else {
                value.as_str()
            };
            writeln!(
                checks,
                "void ({value} satisfies Awaited<ReturnType<F['corpus:{name}']>>)"
            )
            .unwrap();
        }
        for (value, fits) in read {
            let value = if alone && *value == "null" {
                "undefined"
            } else {
                value
            };
            if !fits {
                checks += "// @ts-expect-error Rust refuses it\n";
            }
            writeln!(
                checks,
                "void ({value} satisfies Parameters<F['corpus:{name}']>[0])"
            )
            .unwrap();
        }
    }
    typecheck(&[("generated.d.ts", &declarations), ("checks.ts", &checks)]).await;
}

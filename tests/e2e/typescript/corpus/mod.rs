//! Types of every kind that serde knows, each with values: what Rust writes has the type, and what has the type Rust reads.

mod checked;
mod enums;
mod nested;
mod structs;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use devtools_runtime::typescript::{KeyedBy, TypeScriptOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tests::typecheck::typecheck;

use self::checked::{Case, Corpus};
use self::enums::enums;
use self::nested::nested;
use self::structs::structs;

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

#[tokio::test]
async fn values_have_the_types_that_are_written() {
    let mut corpus = Corpus::default();
    structs(&mut corpus);
    enums(&mut corpus);
    nested(&mut corpus);
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

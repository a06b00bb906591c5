//! Enums.

use super::checked::{Corpus, text};
use super::{
    Adjacent, Documented, External, Fields, Internal, Named, Other, RenamedUnits, StrictInternal,
    Units, Untagged,
};

pub(super) fn enums(corpus: &mut Corpus) {
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

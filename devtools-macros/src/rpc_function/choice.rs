//! Options whose value is one of a few words.

use syn::LitStr;

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

/// The type of an option that has a word for each of its values.
pub(super) trait Choice: Sized + Copy + 'static {
    /// The name of the option in messages.
    const WHAT: &'static str;
    const WORDS: &'static [(&'static str, Self)];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Static,
    Action,
    Event,
}

impl Choice for Kind {
    const WHAT: &'static str = "function kind";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("query", Self::Query),
        ("static", Self::Static),
        ("action", Self::Action),
        ("event", Self::Event),
    ];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

impl Choice for Side {
    const WHAT: &'static str = "side";
    const WORDS: &'static [(&'static str, Self)] =
        &[("server", Self::Server), ("client", Self::Client)];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    StructuredClone,
}

impl Choice for Encoding {
    const WHAT: &'static str = "encoding";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("json", Self::Json),
        ("structured-clone", Self::StructuredClone),
    ];
}

/// The risk when an agent calls the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Safety {
    Read,
    Action,
    Destructive,
}

impl Choice for Safety {
    const WHAT: &'static str = "safety";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("read", Self::Read),
        ("action", Self::Action),
        ("destructive", Self::Destructive),
    ];
}

/// Parses `word`. Returns `default` without a word, and reports an unknown one.
pub(super) fn choose<C: Choice>(
    word: Option<&LitStr>,
    default: C,
    diagnostics: &mut Diagnostics,
) -> Option<C> {
    let Some(word) = word else {
        return Some(default);
    };
    let value = word.value();
    if let Some((_, choice)) = C::WORDS.iter().find(|(known, _)| *known == value) {
        return Some(*choice);
    }
    let known: Vec<&str> = C::WORDS.iter().map(|(known, _)| *known).collect();
    let help = match nearest(&value, &known) {
        Some(meant) => format!("did you mean `\"{meant}\"`?"),
        None => format!("write one of `\"{}\"`", known.join("\"`, `\"")),
    };
    diagnostics.error(word, format!("unknown {} `{value}`", C::WHAT), help);
    None
}

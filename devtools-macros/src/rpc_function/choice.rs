//! The options of a function whose value is one of a few words.

use crate::choice::Choice;

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

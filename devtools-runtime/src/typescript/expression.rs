//! The text of a TypeScript type, with its precedence, so that it gets parentheses where another type contains it.

use std::fmt;

use self::Expression::{Intersection, Simple, Union};

/// A TypeScript type, with its precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// A type that needs no parentheses.
    Simple(String),
    Union(Vec<String>),
    Intersection(Vec<String>),
}

impl Expression {
    pub(super) fn named(name: &str) -> Self {
        Simple(name.to_owned())
    }

    pub(super) fn union(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut members: Vec<String> = Vec::new();
        let mut add = |text: String| {
            if !members.contains(&text) {
                members.push(text);
            }
        };
        for part in parts {
            match part {
                Simple(text) => add(text),
                Union(texts) => texts.into_iter().for_each(&mut add),
                Intersection(texts) => add(format!("({})", texts.join(" & "))),
            }
        }
        // `unknown` absorbs all others, and `never` adds nothing.
        if members.iter().any(|member| member == "unknown") {
            return Self::named("unknown");
        }
        if members.len() > 1 {
            members.retain(|member| member != "never");
        }
        match members.len() {
            0 => Self::named("never"),
            1 => Simple(members.swap_remove(0)),
            _ => Union(members),
        }
    }

    pub(super) fn intersection(mut parts: Vec<Self>) -> Self {
        parts.retain(|part| *part != Self::named("unknown"));
        if parts.len() == 1 {
            return parts.swap_remove(0);
        }
        let mut members: Vec<String> = Vec::new();
        for part in parts {
            let texts = match part {
                Simple(text) => vec![text],
                Intersection(texts) => texts,
                union @ Union(_) => vec![union.enclosed()],
            };
            for text in texts {
                if !members.contains(&text) {
                    members.push(text);
                }
            }
        }
        match members.len() {
            0 => Self::named("unknown"),
            1 => Simple(members.swap_remove(0)),
            _ => Intersection(members),
        }
    }

    /// Returns the text, in parentheses where an operator may follow.
    pub(super) fn enclosed(&self) -> String {
        match self {
            Simple(text) => text.clone(),
            Union(_) | Intersection(_) => format!("({self})"),
        }
    }

    /// Removes `null` from a union.
    pub(super) fn not_null(self) -> Self {
        match self {
            Union(members) => Self::union(
                members
                    .into_iter()
                    .filter(|text| text != "null")
                    .map(Simple),
            ),
            other => other,
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Simple(text) => f.write_str(text),
            Union(texts) => f.write_str(&texts.join(" | ")),
            Intersection(texts) => f.write_str(&texts.join(" & ")),
        }
    }
}

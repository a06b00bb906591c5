//! What named types are called.
//!
//! One type of Rust may look different by which way it goes and in which codec. It is declared once for all the looks that are the same: the
//! first has its name, others a suffix.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::typescript::described::{Described, Direction, references};
use crate::typescript::error::TypesError;
use crate::typescript::expression::Printer;
use crate::typescript::text::{identifier, is_reserved};
use crate::wire::Encoding;

/// How a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) direction: Direction,
    pub(super) encoding: Encoding,
}

impl Way {
    /// All ways. Where a type looks different, the first that occurs has the name.
    const ALL: [Self; 4] = [
        Self::new(Direction::Written, Encoding::Json),
        Self::new(Direction::Written, Encoding::StructuredClone),
        Self::new(Direction::Read, Encoding::Json),
        Self::new(Direction::Read, Encoding::StructuredClone),
    ];

    pub(super) const fn new(direction: Direction, encoding: Encoding) -> Self {
        Self {
            direction,
            encoding,
        }
    }

    fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|way| *way == self)
            .unwrap_or_default()
    }
}

/// The named types that functions use.
#[derive(Debug)]
pub(super) struct Names {
    /// What a type is called, by its name in Rust and the way.
    names: BTreeMap<(String, usize), String>,
    /// What is declared: the name, sorted, with the name in Rust and a way.
    declared: BTreeMap<String, (String, Way)>,
}

impl Names {
    /// Names every type that these schemas refer to, directly or not; `taken` are names of something else.
    pub(super) fn new<'a>(
        described: &Described,
        roots: impl IntoIterator<Item = (Way, &'a Value)>,
        taken: &[String],
    ) -> Result<Self, TypesError> {
        let looks = looks(described, roots)?;
        let alike = alike(&looks);
        let mut used: BTreeSet<String> = taken.iter().cloned().collect();
        let mut names = Self {
            names: BTreeMap::new(),
            declared: BTreeMap::new(),
        };
        // Those without a suffix come first: a type that somebody called `OptionsInput` keeps its name.
        let mut suffixed = Vec::new();
        let rust_names: BTreeSet<&String> = looks.keys().map(|(name, _)| name).collect();
        for rust_name in rust_names {
            let ways =
                (0..Way::ALL.len()).filter(|way| looks.contains_key(&(rust_name.clone(), *way)));
            let mut groups: Vec<Vec<usize>> = Vec::new();
            for way in ways {
                let group = groups
                    .iter_mut()
                    .find(|group| alike.contains(&(rust_name.clone(), group[0], way)));
                match group {
                    Some(group) => group.push(way),
                    None => groups.push(vec![way]),
                }
            }
            let mut groups = groups.into_iter();
            if let Some(first) = groups.next() {
                names.declare(rust_name, "", &first, &mut used);
                suffixed.extend(groups.map(|group| (rust_name, suffix(&first, &group), group)));
            }
        }
        for (rust_name, suffix, group) in suffixed {
            names.declare(rust_name, suffix, &group, &mut used);
        }
        Ok(names)
    }

    fn declare(
        &mut self,
        rust_name: &str,
        suffix: &str,
        ways: &[usize],
        used: &mut BTreeSet<String>,
    ) {
        let mut wanted = identifier(rust_name) + suffix;
        if is_reserved(&wanted) {
            wanted.push('_');
        }
        let mut name = wanted.clone();
        let mut number = 2;
        while !used.insert(name.clone()) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        for way in ways {
            self.names
                .insert((rust_name.to_owned(), *way), name.clone());
        }
        if let Some(way) = ways.first() {
            self.declared
                .insert(name, (rust_name.to_owned(), Way::ALL[*way]));
        }
    }

    /// What a type is called.
    pub(super) fn of(&self, rust_name: &str, way: Way) -> String {
        self.names
            .get(&(rust_name.to_owned(), way.index()))
            .cloned()
            // Every reference has been looked at.
            .unwrap_or_else(|| identifier(rust_name))
    }

    /// What is declared, by its name: the name in Rust, and a way.
    pub(super) fn declared(&self) -> impl Iterator<Item = (&str, &str, Way)> {
        self.declared
            .iter()
            .map(|(name, (rust_name, way))| (name.as_str(), rust_name.as_str(), *way))
    }
}

/// What tells a group from the one that has the plain name.
fn suffix(first: &[usize], group: &[usize]) -> &'static str {
    let way = |group: &[usize]| group.first().map(|way| Way::ALL[*way]);
    match (way(first), way(group)) {
        (Some(first), Some(way)) => {
            match (
                first.direction == way.direction,
                first.encoding == way.encoding,
            ) {
                (true, _) => "Clone",
                (false, true) => "Input",
                (false, false) => "CloneInput",
            }
        }
        _ => "",
    }
}

/// Every type in every way it is used: what it would look like if all types kept their names, and which it refers to.
type Looks = BTreeMap<(String, usize), (String, BTreeSet<String>)>;

fn looks<'a>(
    described: &Described,
    roots: impl IntoIterator<Item = (Way, &'a Value)>,
) -> Result<Looks, TypesError> {
    let mut looks = Looks::new();
    let mut open: Vec<(String, Way)> = Vec::new();
    for (way, schema) in roots {
        open.extend(references(schema).into_iter().map(|name| (name, way)));
    }
    while let Some((name, way)) = open.pop() {
        let key = (name, way.index());
        if looks.contains_key(&key) {
            continue;
        }
        let schema = described
            .definitions(way.direction)
            .get(&key.0)
            .ok_or_else(|| TypesError::NotExpressible {
                place: format!("`{}`", key.0),
                reason: "it is named and not described".to_owned(),
            })?;
        let mut printer = Printer {
            encoding: way.encoding,
            name: &|name| name.to_owned(),
            place: vec![format!("`{}`", key.0)],
        };
        let look = printer.declaration(&identifier(&key.0), schema)?;
        let refers = references(schema);
        open.extend(refers.iter().map(|name| (name.clone(), way)));
        looks.insert(key, (look, refers));
    }
    Ok(looks)
}

/// The types that look the same in two ways, and all that they refer to does.
fn alike(looks: &Looks) -> BTreeSet<(String, usize, usize)> {
    let mut alike = BTreeSet::new();
    for ((name, one), (look, _)) in looks {
        for other in one + 1..Way::ALL.len() {
            let same = looks
                .get(&(name.clone(), other))
                .is_some_and(|(other, _)| other == look);
            if same {
                alike.insert((name.clone(), *one, other));
            }
        }
    }
    loop {
        let before = alike.len();
        let whole = alike.clone();
        alike.retain(|(name, one, other)| {
            looks.get(&(name.clone(), *one)).is_none_or(|(_, refers)| {
                refers
                    .iter()
                    .all(|name| whole.contains(&(name.clone(), *one, *other)))
            })
        });
        if alike.len() == before {
            return alike;
        }
    }
}

//! What named types are called.
//!
//! One type of Rust may look different by which way it goes and in which codec. It is declared once for all the looks that are the same. The look
//! of a result in JSON has the type's name, others a suffix: also where a program only uses another one, so that a name does not come to mean
//! something else when a function is added. For the same reason neither of two types has a name that both have: each is called after its module,
//! too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::typescript::described::{Described, references};
use crate::typescript::error::TypesError;
use crate::typescript::expression::Printer;
use crate::typescript::text::{identifier, is_reserved};
use crate::typescript::type_names::qualified;
use crate::typescript::way::Way;

/// The named types that functions use.
#[derive(Debug)]
pub(super) struct Names {
    /// What a type is called, by its id and the way.
    names: BTreeMap<(String, usize), String>,
    /// What is declared: the name, sorted, with the id and a way.
    declared: BTreeMap<String, (String, Way)>,
}

impl Names {
    /// Names every type that these schemas refer to, directly or not; `taken` are names of something else.
    pub(super) fn new<'a>(
        described: &Described,
        roots: impl IntoIterator<Item = (Way, &'a Value)>,
        taken: &[String],
    ) -> Result<Self, TypesError> {
        let used = used(described, roots)?;
        let looks = looks(described);
        let alike = alike(&looks);
        let mut names = Self {
            names: BTreeMap::new(),
            declared: BTreeMap::new(),
        };
        let mut wanted: Vec<Wanted<'_>> = Vec::new();
        let ids: BTreeSet<&String> = used.iter().map(|(id, _)| id).collect();
        for id in ids {
            let ways = (0..Way::ALL.len()).filter(|way| looks.contains_key(&(id.clone(), *way)));
            // The first group has the name, whether the program uses it or not.
            let mut groups: Vec<Vec<usize>> = Vec::new();
            for way in ways {
                let group = groups
                    .iter_mut()
                    .find(|group| alike.contains(&(id.clone(), group[0], way)));
                match group {
                    Some(group) => group.push(way),
                    None => groups.push(vec![way]),
                }
            }
            let first = groups.first().cloned().unwrap_or_default();
            for (position, group) in groups.into_iter().enumerate() {
                let suffix = if position == 0 {
                    ""
                } else {
                    suffix(&first, &group)
                };
                let ways: Vec<usize> = group
                    .into_iter()
                    .filter(|way| used.contains(&(id.clone(), *way)))
                    .collect();
                let Some(way) = ways.first() else {
                    continue;
                };
                let look = looks.get(&(id.clone(), *way));
                wanted.push(Wanted {
                    id,
                    suffix,
                    look: look.and_then(|look| look.text.as_deref()),
                    modules: 0,
                    number: 1,
                    ways,
                });
            }
        }
        distinguish(&mut wanted, described, taken);
        for wanted in wanted {
            let name = wanted.name(described, taken);
            for way in &wanted.ways {
                names
                    .names
                    .insert((wanted.id.to_owned(), *way), name.clone());
            }
            if let Some(way) = wanted.ways.first() {
                let declared = names.declared.entry(name);
                declared.or_insert_with(|| (wanted.id.to_owned(), Way::ALL[*way]));
            }
        }
        Ok(names)
    }

    /// What a type is called.
    pub(super) fn of(&self, id: &str, way: Way) -> String {
        self.names
            .get(&(id.to_owned(), way.index()))
            .cloned()
            // Every reference has been looked at.
            .unwrap_or_else(|| identifier(id))
    }

    /// What is declared, by its name: the id of the type, and a way.
    pub(super) fn declared(&self) -> impl Iterator<Item = (&str, &str, Way)> {
        self.declared
            .iter()
            .map(|(name, (id, way))| (name.as_str(), id.as_str(), *way))
    }
}

/// One look of a type, with what its name is made of.
struct Wanted<'a> {
    id: &'a str,
    suffix: &'static str,
    look: Option<&'a str>,
    /// How many of the modules that it stands in are part of the name.
    modules: usize,
    /// The number behind a name that the modules do not tell from another; 1 is not written.
    number: usize,
    /// The ways in which the program uses this look.
    ways: Vec<usize>,
}

impl Wanted<'_> {
    fn name(&self, described: &Described, taken: &[String]) -> String {
        let own = described.name(self.id);
        let name = qualified(self.id, &own, self.modules).unwrap_or(own);
        let mut name = identifier(&name) + self.suffix;
        if self.number > 1 {
            name.push_str(&self.number.to_string());
        }
        if is_reserved(&name) || taken.contains(&name) {
            name.push('_');
        }
        name
    }

    /// Whether the modules can tell it from others.
    fn can_be_qualified(&self, described: &Described) -> bool {
        !described.is_named(self.id) && qualified(self.id, "", self.modules + 1).is_some()
    }
}

/// Sees that each name is one type's. Of two types that want the same name neither gets it: whoever imports it hears of that, and does not
/// get the other type. Types that look the same may share a name.
fn distinguish(wanted: &mut [Wanted<'_>], described: &Described, taken: &[String]) {
    loop {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, wanted) in wanted.iter().enumerate() {
            let name = wanted.name(described, taken);
            by_name.entry(name).or_default().push(index);
        }
        by_name.retain(|_, same| {
            let looks: BTreeSet<_> = same.iter().map(|index| wanted[*index].look).collect();
            looks.len() > 1
        });
        if by_name.is_empty() {
            return;
        }
        for same in by_name.into_values() {
            let qualifiable: Vec<usize> = same
                .iter()
                .copied()
                .filter(|index| wanted[*index].can_be_qualified(described))
                .collect();
            for index in &qualifiable {
                wanted[*index].modules += 1;
            }
            // They stand in one module, or the program has given them the name.
            if qualifiable.is_empty() {
                for (position, index) in same.into_iter().enumerate().skip(1) {
                    wanted[index].number += position;
                }
            }
        }
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

/// Every type in every way, whether it is used or not.
type Looks = BTreeMap<(String, usize), Look>;

/// What a type would look like if all types were called by their ids.
#[derive(Debug)]
struct Look {
    /// `None` if it cannot be written.
    text: Option<String>,
    /// The ids of the types it refers to.
    refers: BTreeSet<String>,
}

fn looks(described: &Described) -> Looks {
    let mut looks = Looks::new();
    for (index, way) in Way::ALL.into_iter().enumerate() {
        for (id, schema) in described.definitions(way.direction) {
            let look = Look {
                text: declaration(described, id, schema, way).ok(),
                refers: references(schema),
            };
            looks.insert((id.clone(), index), look);
        }
    }
    looks
}

/// The types that schemas refer to, directly or not, by id and way.
fn used<'a>(
    described: &Described,
    roots: impl IntoIterator<Item = (Way, &'a Value)>,
) -> Result<BTreeSet<(String, usize)>, TypesError> {
    let mut used = BTreeSet::new();
    let mut open: Vec<(String, Way)> = Vec::new();
    for (way, schema) in roots {
        open.extend(references(schema).into_iter().map(|id| (id, way)));
    }
    while let Some((id, way)) = open.pop() {
        let key = (id, way.index());
        if used.contains(&key) {
            continue;
        }
        let schema = described
            .definitions(way.direction)
            .get(&key.0)
            .ok_or_else(|| TypesError::NotExpressible {
                place: format!("`{}`", described.name(&key.0)),
                reason: "it is named and not described".to_owned(),
            })?;
        declaration(described, &key.0, schema, way)?;
        open.extend(references(schema).into_iter().map(|id| (id, way)));
        used.insert(key);
    }
    Ok(used)
}

/// A declaration in which all types are called by their ids, and the type itself by nothing.
fn declaration(
    described: &Described,
    id: &str,
    schema: &Value,
    way: Way,
) -> Result<String, TypesError> {
    let place = format!("`{}`", described.name(id));
    Printer::new(described, way, &|id| id.to_owned(), place).declaration("", schema)
}

/// The types that look the same in two ways, and all that they refer to does.
fn alike(looks: &Looks) -> BTreeSet<(String, usize, usize)> {
    let mut alike = BTreeSet::new();
    for ((id, one), look) in looks {
        for other in one + 1..Way::ALL.len() {
            let same = looks
                .get(&(id.clone(), other))
                .is_some_and(|other| other.text.is_some() && other.text == look.text);
            if same {
                alike.insert((id.clone(), *one, other));
            }
        }
    }
    loop {
        let before = alike.len();
        let whole = alike.clone();
        alike.retain(|(id, one, other)| {
            looks.get(&(id.clone(), *one)).is_none_or(|look| {
                look.refers
                    .iter()
                    .all(|id| whole.contains(&(id.clone(), *one, *other)))
            })
        });
        if alike.len() == before {
            return alike;
        }
    }
}

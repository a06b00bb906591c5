//! The names of types in generated documents.
//!
//! A Rust type may have several forms, depending on direction and codec. Equal forms are declared once. The form of a
//! result in JSON has the name of the type; other forms have a suffix, even if the program uses only those, so that a
//! name keeps its meaning when a function is added. For the same reason, if two types have the same name, both get
//! the names of their modules.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::typescript::described::Described;
use crate::typescript::error::TypesError;
use crate::typescript::printer::Printer;
use crate::typescript::references::references;
use crate::typescript::text::{identifier, is_reserved};
use crate::typescript::type_names::qualified;
use crate::typescript::way::Way;

/// The names of the types that a program uses.
#[derive(Debug)]
pub(super) struct TypeNames {
    /// The name of each type, by its id and the index of the way.
    names: BTreeMap<(String, usize), String>,
    /// The declarations sorted by name, each with the type's id and a way.
    declared: BTreeMap<String, (String, Way)>,
}

impl TypeNames {
    /// Names every type that these schemas refer to, directly or indirectly. `taken` are names that other things
    /// have.
    pub(super) fn new<'a>(
        described: &Described,
        roots: impl IntoIterator<Item = (Way, &'a Value)>,
        taken: &[String],
    ) -> Result<Self, TypesError> {
        let used = used(described, roots)?;
        let forms = forms(described);
        let equal_forms = equal_forms(&forms);
        let mut names = Self {
            names: BTreeMap::new(),
            declared: BTreeMap::new(),
        };
        let mut wanted: Vec<Candidate<'_>> = Vec::new();
        let ids: BTreeSet<&String> = used.iter().map(|(id, _)| id).collect();
        for id in ids {
            let ways = (0..Way::ALL.len()).filter(|way| forms.contains_key(&(id.clone(), *way)));
            // The first group has the plain name, even if the program does not use it.
            let mut groups: Vec<Vec<usize>> = Vec::new();
            for way in ways {
                let group = groups
                    .iter_mut()
                    .find(|group| equal_forms.contains(&(id.clone(), group[0], way)));
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
                let form = forms.get(&(id.clone(), *way));
                wanted.push(Candidate {
                    id,
                    suffix,
                    form: form.and_then(|form| form.text.as_deref()),
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

    /// Returns the name of a type.
    pub(super) fn of(&self, id: &str, way: Way) -> String {
        self.names
            .get(&(id.to_owned(), way.index()))
            .cloned()
            // `used` has visited every reference, so this fallback is not reached.
            .unwrap_or_else(|| identifier(id))
    }

    /// Iterates over the declarations: the name, the id of the type, and a way.
    pub(super) fn declared(&self) -> impl Iterator<Item = (&str, &str, Way)> {
        self.declared
            .iter()
            .map(|(name, (id, way))| (name.as_str(), id.as_str(), *way))
    }
}

/// One form of a type, with the parts of its name.
struct Candidate<'a> {
    id: &'a str,
    suffix: &'static str,
    form: Option<&'a str>,
    /// The number of enclosing modules whose names are part of the name.
    modules: usize,
    /// The number after a name that modules do not make unique. 1 is not written.
    number: usize,
    /// The ways in which the program uses this form.
    ways: Vec<usize>,
}

impl Candidate<'_> {
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

    /// Returns `true` if a further module can be part of the name.
    fn can_be_qualified(&self, described: &Described) -> bool {
        !described.is_named(self.id) && qualified(self.id, "", self.modules + 1).is_some()
    }
}

/// Makes names unique. If two types want the same name, neither gets it, so that an import of that name fails instead
/// of importing the other type. Types of the same form may share a name.
fn distinguish(wanted: &mut [Candidate<'_>], described: &Described, taken: &[String]) {
    loop {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, wanted) in wanted.iter().enumerate() {
            let name = wanted.name(described, taken);
            by_name.entry(name).or_default().push(index);
        }
        by_name.retain(|_, same| {
            let forms: BTreeSet<_> = same.iter().map(|index| wanted[*index].form).collect();
            forms.len() > 1
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
            // The types are in one module, or the program has given them this name.
            if qualifiable.is_empty() {
                for (position, index) in same.into_iter().enumerate().skip(1) {
                    wanted[index].number += position;
                }
            }
        }
    }
}

/// Returns the suffix of a group's names. The group with the plain name has none.
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

/// The forms of every type in every way, including unused ones.
type Forms = BTreeMap<(String, usize), UnnamedForm>;

/// The form of a type, written as if all types were named by their ids.
#[derive(Debug)]
struct UnnamedForm {
    /// The declaration, or `None` if it cannot be written.
    text: Option<String>,
    /// The ids of the types that it refers to.
    refers: BTreeSet<String>,
}

fn forms(described: &Described) -> Forms {
    let mut forms = Forms::new();
    for (index, way) in Way::ALL.into_iter().enumerate() {
        for (id, schema) in described.definitions(way.direction) {
            let form = UnnamedForm {
                text: declaration(described, id, schema, way).ok(),
                refers: references(schema),
            };
            forms.insert((id.clone(), index), form);
        }
    }
    forms
}

/// Returns the types that schemas refer to, directly or indirectly, by id and index of the way.
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
                reason: "it has a name but no schema".to_owned(),
            })?;
        declaration(described, &key.0, schema, way)?;
        open.extend(references(schema).into_iter().map(|id| (id, way)));
        used.insert(key);
    }
    Ok(used)
}

/// Writes a declaration in which all types are named by their ids and the type itself has no name.
fn declaration(
    described: &Described,
    id: &str,
    schema: &Value,
    way: Way,
) -> Result<String, TypesError> {
    let place = format!("`{}`", described.name(id));
    Printer::new(described, way, &|id| id.to_owned(), place).declaration("", schema)
}

/// Finds the types that have the same form in two ways, together with all types they refer to.
fn equal_forms(forms: &Forms) -> BTreeSet<(String, usize, usize)> {
    let mut equal_forms = BTreeSet::new();
    for ((id, one), form) in forms {
        for other in one + 1..Way::ALL.len() {
            let same = forms
                .get(&(id.clone(), other))
                .is_some_and(|other| other.text.is_some() && other.text == form.text);
            if same {
                equal_forms.insert((id.clone(), *one, other));
            }
        }
    }
    loop {
        let before = equal_forms.len();
        let whole = equal_forms.clone();
        equal_forms.retain(|(id, one, other)| {
            forms.get(&(id.clone(), *one)).is_none_or(|form| {
                form.refers
                    .iter()
                    .all(|id| whole.contains(&(id.clone(), *one, *other)))
            })
        });
        if equal_forms.len() == before {
            return equal_forms;
        }
    }
}

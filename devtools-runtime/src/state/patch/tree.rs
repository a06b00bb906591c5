//! The value that patches are applied to.
//!
//! A container is opened when the first patch leads into it, and closed after the last patch. An open container finds its
//! parts by name in one step, whereas a [`Value`] compares them one by one.

use std::collections::{HashMap, VecDeque};

use crate::protocol::state::{Op, Patch, Step};
use crate::state::patch::error::{PatchError, show};
use crate::state::patch::moves::Moves;
use crate::state::patch::names::{leads_to_prototype, sets_prototype};
use crate::state::patch::steps::count;
use crate::state::text;
use crate::wire::js::{Map, Set, Value};

/// A part of a value.
pub(super) enum PatchedNode {
    /// A part that no patch has led into yet.
    Whole(Value),
    /// An open array. A deque, because an insertion moves only the elements between it and the nearer end.
    Array(VecDeque<PatchedNode>),
    Object(Table<String>),
    Map(Table<Value>),
    Set(OpenSet),
}

impl PatchedNode {
    /// Opens a container. Other values stay as they are.
    fn open(&mut self) {
        let Self::Whole(value) = self else { return };
        *self = match std::mem::take(value) {
            Value::Array(elements) => {
                count(elements.len());
                Self::Array(elements.into_iter().map(Self::Whole).collect())
            }
            Value::Object(properties) => {
                let step = |name: &String| Some(Step::Name(name.clone()));
                Self::Object(Table::new(properties, step))
            }
            Value::Map(map) => Self::Map(Table::new(map, step_to)),
            Value::Set(set) => Self::Set(OpenSet::new(set)),
            leaf => Self::Whole(leaf),
        };
    }

    pub(super) fn close(self) -> Value {
        match self {
            Self::Whole(value) => value,
            Self::Array(elements) => {
                count(elements.len());
                Value::Array(elements.into_iter().map(Self::close).collect())
            }
            Self::Object(table) => Value::Object(table.close().collect()),
            Self::Map(table) => Value::Map(table.close().collect::<Map<_, _>>()),
            Self::Set(members) => Value::Set(members.close()),
        }
    }

    /// Returns the part that a step of a path leads to.
    pub(super) fn part(&mut self, step: &Step, path: &[Step]) -> Result<&mut Self, PatchError> {
        self.open();
        let part = match self {
            Self::Array(_) | Self::Object(_) if leads_to_prototype(step) => {
                return Err(PatchError::Forbidden(show(path)));
            }
            Self::Array(elements) => index(step).and_then(|index| elements.get_mut(index)),
            Self::Object(properties) => properties.get_mut(&Step::Name(step.name())),
            Self::Map(map) => map.get_mut(step),
            Self::Whole(_) | Self::Set(_) => None,
        };
        part.ok_or_else(|| PatchError::NoParts(show(path)))
    }

    /// Applies a patch to the part that the last step of its path names.
    pub(super) fn change(
        &mut self,
        step: &Step,
        patch: &Patch,
        moves: &mut Moves,
    ) -> Result<(), PatchError> {
        let at = || show(&patch.path);
        self.open();
        match self {
            Self::Array(elements) => match change_array(elements, step, patch, moves) {
                Some(changed) => changed,
                None => Err(PatchError::NoElement(at())),
            },
            Self::Object(properties) => {
                if sets_prototype(step) {
                    return Err(PatchError::Forbidden(at()));
                }
                let name = step.name();
                let step = Step::Name(name.clone());
                match patch.op {
                    Op::Remove => properties.remove(&step),
                    Op::Add | Op::Replace => properties.set(step, name, given(patch)),
                }
                Ok(())
            }
            Self::Map(map) => {
                match patch.op {
                    Op::Remove => map.remove(step),
                    Op::Add | Op::Replace => map.set(step.clone(), key_of(step), given(patch)),
                }
                Ok(())
            }
            Self::Set(members) => match patch.op {
                Op::Add => {
                    members.add(given(patch));
                    Ok(())
                }
                Op::Remove => {
                    members.remove(&given(patch));
                    Ok(())
                }
                Op::Replace => Err(PatchError::InSet(at())),
            },
            Self::Whole(_) => Err(PatchError::NoParts(at())),
        }
    }
}

/// Applies a patch to an array. Returns `None` if it has no such element.
fn change_array(
    elements: &mut VecDeque<PatchedNode>,
    step: &Step,
    patch: &Patch,
    moves: &mut Moves,
) -> Option<Result<(), PatchError>> {
    let end = elements.len();
    let index = match step {
        // Older versions of JavaScript's patch library shorten an array in this way.
        Step::Name(name) if name == "length" && patch.op == Op::Replace => {
            let kept = length(patch.value.as_ref()?).filter(|kept| *kept <= end)?;
            elements.truncate(kept);
            return Some(Ok(()));
        }
        Step::Name(name) if name == "-" && patch.op == Op::Add => end,
        step => index(step)?,
    };
    let new = || PatchedNode::Whole(given(patch));
    let is_removed = patch.op == Op::Remove;
    let after = end.saturating_sub(index.saturating_add(usize::from(is_removed)));
    let neighbours = index.min(after);
    Some(match patch.op {
        Op::Add if index <= end => moves
            .take(neighbours)
            .map(|()| elements.insert(index, new())),
        Op::Replace if index < end => {
            elements[index] = new();
            Ok(())
        }
        Op::Replace if index == end => {
            elements.push_back(new());
            Ok(())
        }
        Op::Remove if index < end => moves
            .take(neighbours)
            .map(|()| drop(elements.remove(index))),
        _ => return None,
    })
}

/// Returns the index that a step names. Returns `None` for a name that is a property in JavaScript, such as `01`.
fn index(step: &Step) -> Option<usize> {
    match step {
        Step::Index(index) => usize::try_from(*index).ok(),
        Step::Name(name) => {
            let index: usize = name.parse().ok()?;
            (index.to_string() == *name).then_some(index)
        }
    }
}

/// Returns the number as a length, if it is a whole number of 32 bits.
fn length(value: &Value) -> Option<usize> {
    let number = value.as_number()?;
    let is_length = (0.0..=f64::from(u32::MAX)).contains(&number) && number.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number of 32 bits"
    )]
    is_length.then_some(number as usize)
}

/// Returns the key of a `Map` that a step names.
fn key_of(step: &Step) -> Value {
    match step {
        Step::Index(index) => Value::Number(f64::from(*index)),
        Step::Name(name) => Value::String(name.clone()),
    }
}

/// Returns the step that names a key of a `Map`. Returns `None` if no step can.
fn step_to(key: &Value) -> Option<Step> {
    match key {
        Value::String(name) => Some(Step::Name(name.clone())),
        Value::Number(_) => {
            let index = u32::try_from(length(key)?).ok()?;
            Some(Step::Index(index))
        }
        _ => None,
    }
}

/// The entries of an open object or `Map` in order, with their positions by name.
pub(super) struct Table<K> {
    /// `None` where an entry was removed.
    entries: Vec<Option<(K, PatchedNode)>>,
    positions: HashMap<Step, usize>,
}

impl<K> Table<K> {
    fn new(
        entries: impl IntoIterator<Item = (K, Value)>,
        step: impl Fn(&K) -> Option<Step>,
    ) -> Self {
        let entries = entries.into_iter();
        let entries = entries.map(|(key, value)| Some((key, PatchedNode::Whole(value))));
        let entries: Vec<_> = entries.collect();
        count(entries.len());
        let mut positions = HashMap::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            if let Some(step) = entry.as_ref().and_then(|(key, _)| step(key)) {
                positions.entry(step).or_insert(place);
            }
        }
        Self { entries, positions }
    }

    fn get_mut(&mut self, step: &Step) -> Option<&mut PatchedNode> {
        let entry = self.entries.get_mut(*self.positions.get(step)?)?;
        entry.as_mut().map(|(_, node)| node)
    }

    fn set(&mut self, step: Step, key: K, value: Value) {
        if let Some(node) = self.get_mut(&step) {
            *node = PatchedNode::Whole(value);
        } else {
            self.positions.insert(step, self.entries.len());
            self.entries.push(Some((key, PatchedNode::Whole(value))));
        }
    }

    fn remove(&mut self, step: &Step) {
        let place = self.positions.remove(step);
        if let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) {
            *entry = None;
        }
    }

    fn close(self) -> impl Iterator<Item = (K, Value)> {
        count(self.entries.len());
        let entries = self.entries.into_iter().flatten();
        entries.map(|(key, node)| (key, node.close()))
    }
}

/// The members of an open `Set` in order, with their positions by their text.
pub(super) struct OpenSet {
    /// `None` where a member was removed.
    members: Vec<Option<Value>>,
    positions: HashMap<String, usize>,
}

impl OpenSet {
    fn new(set: Set<Value>) -> Self {
        let mut members = Self {
            members: Vec::new(),
            positions: HashMap::new(),
        };
        for member in set {
            members.add(member);
        }
        members
    }

    fn add(&mut self, member: Value) {
        count(1);
        // A value without a text, such as an invalid date, equals no other.
        if let Ok(text) = text::write(&member) {
            if self.positions.contains_key(&text) {
                return;
            }
            self.positions.insert(text, self.members.len());
        }
        self.members.push(Some(member));
    }

    fn remove(&mut self, member: &Value) {
        count(1);
        let place = text::write(member)
            .ok()
            .and_then(|text| self.positions.remove(&text));
        if let Some(member) = place.and_then(|place| self.members.get_mut(place)) {
            *member = None;
        }
    }

    fn close(self) -> Set<Value> {
        count(self.members.len());
        self.members.into_iter().flatten().collect()
    }
}

/// Returns the value of a patch. Returns `undefined` if the patch has none.
pub(super) fn given(patch: &Patch) -> Value {
    patch.value.clone().unwrap_or_default()
}

//! Finds the patches that make one value of another.

use std::collections::{HashMap, HashSet};

use crate::protocol::state::{Op, Patch, Step};
use crate::state::patch::compare::is_same;
use crate::state::patch::error::MAX_PATCHES;
use crate::state::patch::names::{leads_to_prototype, sets_prototype};
use crate::state::patch::steps::count;
use crate::wire::js::Value;

/// How many bytes the paths of all patches may have, if the value itself is shorter.
const PATHS: usize = 64 * 1024;

/// Returns the patches that make `new` of `old`: of objects by property and of arrays by element, as JavaScript has them.
///
/// `None` if the value has to be sent: the root is another, there are too many patches, their paths alone are longer than
/// the value, which has `size` bytes, or a path would have a name that is refused in paths.
pub(crate) fn between(old: &Value, new: &Value, size: usize) -> Option<Vec<Patch>> {
    let mut differences = Differences {
        path: Vec::new(),
        patches: Vec::new(),
        room: size.max(PATHS),
    };
    differences.compare(old, new)?;
    Some(differences.patches)
}

/// The differences that were found on the way to a part.
struct Differences {
    path: Vec<Step>,
    patches: Vec<Patch>,
    /// How many bytes further paths may have.
    room: usize,
}

impl Differences {
    /// `None` if no patches are to be sent.
    fn compare(&mut self, old: &Value, new: &Value) -> Option<()> {
        count(1);
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => self.compare_objects(old, new),
            (Value::Array(old), Value::Array(new)) => self.compare_arrays(old, new),
            _ if is_same(old, new) => Some(()),
            _ => self.push(Op::Replace, Some(new)),
        }
    }

    fn compare_objects(&mut self, old: &[(String, Value)], new: &[(String, Value)]) -> Option<()> {
        let before: HashMap<_, _> = old.iter().map(|(key, value)| (key, value)).collect();
        for (key, new) in new {
            self.at(Step::Name(key.clone()), |found| match before.get(key) {
                Some(old) => found.compare(old, new),
                None => found.push(Op::Add, Some(new)),
            })?;
        }
        let after: HashSet<_> = new.iter().map(|(key, _)| key).collect();
        for (key, _) in old {
            if !after.contains(key) {
                self.at(Step::Name(key.clone()), |found| {
                    found.push(Op::Remove, None)
                })?;
            }
        }
        Some(())
    }

    fn compare_arrays(&mut self, old: &[Value], new: &[Value]) -> Option<()> {
        // An array of more elements is larger than any frame.
        let step = |index| Step::Index(u32::try_from(index).unwrap_or(u32::MAX));
        let common = old.len().min(new.len());
        for (index, (old, new)) in old.iter().zip(new).enumerate() {
            self.at(step(index), |found| found.compare(old, new))?;
        }
        for (index, new) in new.iter().enumerate().skip(common) {
            self.at(step(index), |found| found.push(Op::Add, Some(new)))?;
        }
        for index in (common..old.len()).rev() {
            self.at(step(index), |found| found.push(Op::Remove, None))?;
        }
        Some(())
    }

    /// Does something with the part that a step leads to.
    fn at(&mut self, step: Step, compare: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.path.push(step);
        let compared = compare(self);
        self.path.pop();
        compared
    }

    /// Takes the part that the path leads to for different. There is no patch of the root.
    fn push(&mut self, op: Op, value: Option<&Value>) -> Option<()> {
        if self.patches.len() == MAX_PATCHES {
            return None;
        }
        let (last, way) = self.path.split_last()?;
        if sets_prototype(last) || way.iter().any(leads_to_prototype) {
            return None;
        }
        let length = |step: &Step| match step {
            Step::Index(_) => size_of::<u32>(),
            Step::Name(name) => name.len(),
        };
        self.room = self.room.checked_sub(self.path.iter().map(length).sum())?;
        count(self.path.len());
        self.patches.push(Patch {
            op,
            path: self.path.clone(),
            value: value.cloned(),
        });
        Some(())
    }
}

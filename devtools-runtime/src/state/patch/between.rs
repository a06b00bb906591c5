//! Computes the patches that turn one value into another.

use std::collections::{HashMap, HashSet};

use crate::protocol::state::{Op, Patch, Step};
use crate::state::patch::compare::is_same;
use crate::state::patch::error::MAX_PATCHES;
use crate::state::patch::names::{leads_to_prototype, sets_prototype};
use crate::state::patch::steps::count;
use crate::wire::js::Value;

/// The number of bytes that the paths of all patches may have, if the value itself is shorter.
const PATHS: usize = 64 * 1024;

/// Returns the patches that turn `old` into `new`: objects are compared by property and arrays by element, as in
/// JavaScript.
///
/// Returns `None` if the whole value must be sent: the root differs, there are too many patches, their paths alone are
/// longer than the value, which has `size` bytes, or a path would contain a name that clients refuse.
pub(crate) fn between(old: &Value, new: &Value, size: usize) -> Option<Vec<Patch>> {
    let mut differences = PatchWriter {
        path: Vec::new(),
        patches: Vec::new(),
        room: size.max(PATHS),
    };
    differences.compare(old, new)?;
    Some(differences.patches)
}

/// The differences found so far, and the path to the part that is compared now.
struct PatchWriter {
    path: Vec<Step>,
    patches: Vec<Patch>,
    /// The number of bytes that further paths may have.
    room: usize,
}

impl PatchWriter {
    /// Compares two parts. Returns `None` if the whole value must be sent.
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
        // An array with more elements is larger than any frame.
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

    /// Compares the part that a step leads to.
    fn at(&mut self, step: Step, compare: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.path.push(step);
        let compared = compare(self);
        self.path.pop();
        compared
    }

    /// Records a difference of the part at the current path. The root cannot be patched.
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

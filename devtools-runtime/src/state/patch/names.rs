//! The names of properties that JavaScript refuses in paths, because they lead to what all objects have in common.

use crate::protocol::state::Step;

/// Returns whether no path leads through the property of an object or an array.
pub(super) fn leads_to_prototype(step: &Step) -> bool {
    matches!(step, Step::Name(name) if name == "__proto__" || name == "constructor")
}

/// Returns whether no path ends in the property of an object.
pub(super) fn sets_prototype(step: &Step) -> bool {
    matches!(step, Step::Name(name) if name == "__proto__")
}

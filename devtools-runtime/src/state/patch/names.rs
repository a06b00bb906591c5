//! The property names that JavaScript refuses in paths, because they lead to the prototype that all objects share.

use crate::protocol::state::Step;

/// Returns whether a path must not lead through this property of an object or an array.
pub(super) fn leads_to_prototype(step: &Step) -> bool {
    matches!(step, Step::Name(name) if name == "__proto__" || name == "constructor")
}

/// Returns whether a path must not end in this property of an object.
pub(super) fn sets_prototype(step: &Step) -> bool {
    matches!(step, Step::Name(name) if name == "__proto__")
}

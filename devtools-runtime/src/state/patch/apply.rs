//! Applies patches to a value.

use crate::protocol::state::{Op, Patch, Step};
use crate::state::patch::tree::Node;
use crate::state::patch::{MAX_PATCHES, PatchError, count};
use crate::wire::MAX_DEPTH;
use crate::wire::js::Value;

/// How many elements of arrays the patches of one change may still move:
/// [`Limits::patch_moves`](crate::Limits::patch_moves).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moves {
    left: usize,
    limit: usize,
}

impl Moves {
    pub(crate) fn new(limit: usize) -> Self {
        let left = limit;
        Self { left, limit }
    }

    pub(super) fn take(&mut self, moved: usize) -> Result<(), PatchError> {
        count(moved);
        let limit = self.limit;
        let left = self.left.checked_sub(moved);
        self.left = left.ok_or(PatchError::TooManyMoves { limit })?;
        Ok(())
    }
}

/// Applies patches in order. After an error the value is not to be used.
pub(crate) fn apply(
    value: &mut Value,
    patches: &[Patch],
    mut moves: Moves,
) -> Result<(), PatchError> {
    if patches.len() > MAX_PATCHES {
        return Err(PatchError::TooMany);
    }
    let replaces_root = |patch: &Patch| patch.path.is_empty() && patch.op == Op::Replace;
    let mut rest = patches;
    if let Some(last) = patches.iter().rposition(replaces_root) {
        *value = given(&patches[last]);
        rest = &patches[last + 1..];
    }
    let mut root = Node::Whole(std::mem::take(value));
    for patch in rest {
        apply_one(&mut root, patch, &mut moves)?;
    }
    *value = root.close();
    Ok(())
}

/// The value that a patch brings; `undefined` if it brings none.
pub(super) fn given(patch: &Patch) -> Value {
    patch.value.clone().unwrap_or_default()
}

fn apply_one(root: &mut Node, patch: &Patch, moves: &mut Moves) -> Result<(), PatchError> {
    let (last, way) = patch.path.split_last().ok_or(PatchError::Root)?;
    // A longer path leads deeper than any value that can be written. Patches must not build one, because a value that
    // is deep enough overflows the stack when it is dropped.
    if patch.path.len() > MAX_DEPTH {
        return Err(PatchError::TooDeep(show(&patch.path)));
    }
    count(patch.path.len());
    let mut parent = root;
    for step in way {
        if matches!(step, Step::Name(name) if name == "__proto__" || name == "constructor") {
            return Err(PatchError::Forbidden(show(&patch.path)));
        }
        let part = parent.part(step);
        parent = part.ok_or_else(|| PatchError::NoParts(show(&patch.path)))?;
    }
    parent.change(last, patch, moves)
}

/// The beginning of a path, for messages.
pub(super) fn show(path: &[Step]) -> String {
    const SHOWN: usize = 100;
    let mut shown = String::new();
    for step in path {
        shown.push('/');
        shown.push_str(&step.name());
        if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
            shown.truncate(end);
            shown.push('…');
            break;
        }
    }
    shown
}

//! Applies patches to a value.

use crate::protocol::state::{Op, Patch};
use crate::state::patch::error::{MAX_PATCHES, PatchError, show};
use crate::state::patch::moves::Moves;
use crate::state::patch::steps::count;
use crate::state::patch::tree::{PatchedNode, given};
use crate::wire::MAX_DEPTH;
use crate::wire::js::Value;

/// Applies patches in order. After an error the value must not be used.
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
    let mut root = PatchedNode::Whole(std::mem::take(value));
    for patch in rest {
        apply_one(&mut root, patch, &mut moves)?;
    }
    *value = root.close();
    Ok(())
}

fn apply_one(root: &mut PatchedNode, patch: &Patch, moves: &mut Moves) -> Result<(), PatchError> {
    let (last, way) = patch.path.split_last().ok_or(PatchError::Root)?;
    // A longer path leads deeper than any value that can be encoded. A patch must not create such a value, because a value
    // that is deep enough overflows the stack when it is dropped.
    if patch.path.len() > MAX_DEPTH {
        return Err(PatchError::TooDeep(show(&patch.path)));
    }
    count(patch.path.len());
    let mut parent = root;
    for step in way {
        parent = parent.part(step, &patch.path)?;
    }
    parent.change(last, patch, moves)
}

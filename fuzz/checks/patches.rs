//! Changes of shared states: applied, and found out.

use super::Verdict;
use super::value::{Extent, read};
use crate::protocol::state::Patch;
use crate::state::patch::{Moves, apply, between, counted, is_same};
use crate::state::text;
use crate::wire::MAX_DEPTH;
use crate::wire::js::Value;

/// How many elements of arrays patches may move.
const MOVES: usize = 1_000;

/// How many steps a part of a value, or a byte of the patches, may cost.
const STEPS: usize = 8;

/// A value, another one, and patches of the first: an array in either codec.
///
/// # Panics
///
/// If the patches between the two values do not make the one of the other, or something takes more steps than the values
/// and the patches pay for.
pub fn patches(input: &[u8]) -> Verdict {
    let Some(Value::Array(members)) = read(input) else {
        return Verdict::Refused;
    };
    let [before, after, given] = &members[..] else {
        return Verdict::Refused;
    };
    find(before, after, input.len());
    find(after, before, 0);
    change(before, given)
}

/// Finds the patches that make `after` of `before`, which has `size` bytes.
fn find(before: &Value, after: &Value, size: usize) {
    let parts = Extent::of(before).size + Extent::of(after).size;
    let (same, steps) = counted(|| is_same(before, after));
    assert!(steps <= STEPS * parts, "{steps} to compare {parts}");
    assert!(is_same(before, before), "{before:?}");

    // Each path is as long as the value is deep.
    let (found, steps) = counted(|| between(before, after, size));
    assert!(
        steps <= MAX_DEPTH * STEPS * parts,
        "{steps} between {parts}"
    );
    let Some(found) = found else {
        return;
    };
    assert!(!same || found.is_empty(), "{found:?}");
    let mut changed = before.clone();
    let applied = apply(&mut changed, &found, Moves::new(usize::MAX));
    assert_eq!(applied, Ok(()), "{found:?}");
    assert!(is_same(&changed, after), "{changed:?} by {found:?}");
}

/// Applies patches that somebody sends.
fn change(before: &Value, given: &Value) -> Verdict {
    let Ok(written) = text::write(given) else {
        return Verdict::Refused;
    };
    let Ok(patches) = text::read::<Vec<Patch>>(&written) else {
        return Verdict::Refused;
    };
    let mut changed = before.clone();
    let (applied, steps) = counted(|| apply(&mut changed, &patches, Moves::new(MOVES)));
    let sizes = Extent::of(before).size + Extent::of(given).size + written.len();
    let paid_for = STEPS * sizes + MOVES;
    assert!(steps <= paid_for, "{steps} steps, {paid_for} are paid for");
    if applied.is_err() {
        return Verdict::Refused;
    }
    // A value that is too deep to be written is refused later, and has to be dropped before.
    let depth = Extent::of(&changed).depth;
    assert!(depth <= 2 * MAX_DEPTH, "{depth} levels");
    Verdict::Read
}

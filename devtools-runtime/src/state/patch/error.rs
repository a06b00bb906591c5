//! The errors of applying patches.

use crate::protocol::state::Step;
use crate::wire::MAX_DEPTH;

/// The largest number of patches in one change.
pub(super) const MAX_PATCHES: usize = 4096;

/// The reason for which patches cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatchError {
    #[error("there are more than {MAX_PATCHES} patches")]
    TooMany,
    #[error("at {0}: the value is not a container")]
    NoParts(String),
    #[error("at {0}: no such element")]
    NoElement(String),
    #[error("at {0}: this name is not allowed")]
    Forbidden(String),
    #[error("at {0}: a member of a set can be added or removed, but not replaced")]
    InSet(String),
    #[error("the root can only be replaced")]
    Root,
    #[error("at {0}: the path has more than {MAX_DEPTH} steps")]
    TooDeep(String),
    #[error("they move more array elements than the limit `patch_moves` of {limit}")]
    TooManyMoves { limit: usize },
}

/// Returns the beginning of a path, for messages.
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

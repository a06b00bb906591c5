//! The limit on the array elements that patches move.

use crate::state::patch::error::PatchError;
use crate::state::patch::steps::count;

/// The number of array elements that the patches of one change may still move, of
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

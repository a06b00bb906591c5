//! The ways in which a value travels, by direction and codec.

use crate::typescript::described::Direction;
use crate::wire::Encoding;

/// How a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) direction: Direction,
    pub(super) encoding: Encoding,
}

impl Way {
    /// All ways. Where a type looks different, the first that occurs has the name.
    pub(super) const ALL: [Self; 4] = [
        Self::new(Direction::Written, Encoding::Json),
        Self::new(Direction::Written, Encoding::StructuredClone),
        Self::new(Direction::Read, Encoding::Json),
        Self::new(Direction::Read, Encoding::StructuredClone),
    ];

    pub(super) const fn new(direction: Direction, encoding: Encoding) -> Self {
        Self {
            direction,
            encoding,
        }
    }

    pub(super) fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|way| *way == self)
            .unwrap_or_default()
    }
}

//! The ways in which a value travels, by direction and codec.

use crate::typescript::direction::Direction;
use crate::wire::Encoding;

/// The direction and the codec in which a value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) direction: Direction,
    pub(super) encoding: Encoding,
}

impl Way {
    /// All ways. The first way in which a type occurs gives the form with the plain name.
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

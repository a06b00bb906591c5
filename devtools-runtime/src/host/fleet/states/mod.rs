//! The shared states of all processes: each value is stored under its key in a store of the backplane.

mod format;
mod shared;
mod storing;

pub(crate) use self::shared::FleetStates;
pub(crate) use self::storing::store_changes;

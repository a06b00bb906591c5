//! The dumps that functions declare themselves: by an attribute, by the builder of a closure, or by a setup.

mod attribute;
mod builder;
mod dump;
mod into_dump;
mod setup;

pub use self::attribute::Dumped;
pub use self::builder::{ComputeDump, DumpedBy};
pub use self::dump::Dump;
pub use self::into_dump::{DumpOutcome, IntoDump};

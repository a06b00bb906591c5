//! Tests of both directions together; what concerns one file alone is tested there.

pub(crate) mod described;
mod hostile;
mod markers;
mod typed;
mod vectors;

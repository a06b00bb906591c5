//! Tests of both directions together; what concerns one file alone is tested there.

mod described;
mod hostile;
mod markers;
mod typed;
mod vectors;

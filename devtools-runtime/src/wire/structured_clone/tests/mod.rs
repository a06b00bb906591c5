//! Tests that write and read. Tests of a single file are in that file.

pub(crate) mod described;
mod hostile;
mod markers;
mod typed;
mod vectors;

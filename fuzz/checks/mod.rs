//! The checks that the fuzz targets run: properties of everything that comes in.
//!
//! One function per target. Each takes an input of any bytes, and panics if something does not hold: what is
//! read can be written and is then read as the same, what is refused is refused by an error, and what a text
//! stands for is bounded by its length. The targets are in `fuzz/fuzz_targets/`, their seeds in `tests/corpus/`, and a
//! test in `tests/e2e/corpus.rs` runs the same functions.

mod argument_hash;
mod coded_message;
mod discovery;
mod dump_files;
mod envelope;
mod hosts;
mod json_arguments;
mod patches;
mod sse_events;
mod sse_post_body;
mod static_paths;
mod structured_clone;
mod uploads;
mod value;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::dump::hash::hash_arguments;
use crate::wire::{self, js::Value};

pub use self::argument_hash::argument_hash;
pub use self::coded_message::coded_message;
pub use self::discovery::discovery;
pub use self::dump_files::{dump_manifest, dump_shard};
pub use self::envelope::envelope;
pub use self::hosts::hosts;
pub use self::json_arguments::json_arguments;
pub use self::patches::patches;
pub use self::sse_events::sse_events;
pub use self::sse_post_body::sse_post_body;
pub use self::static_paths::static_paths;
pub use self::structured_clone::structured_clone;
pub use self::uploads::uploads;

/// The result of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was read, and what must hold of it does.
    Read,
    /// It was refused by an error.
    Refused,
}

/// A target by its name, which is also that of its corpus.
pub type Target = (&'static str, fn(&[u8]) -> Verdict);

/// All targets.
pub const TARGETS: &[Target] = &[
    ("envelope", envelope),
    ("structured_clone", structured_clone),
    ("json_arguments", json_arguments),
    ("sse_post_body", sse_post_body),
    ("sse_events", sse_events),
    ("coded_message", coded_message),
    ("argument_hash", argument_hash),
    ("discovery", discovery),
    ("dump_manifest", dump_manifest),
    ("dump_shard", dump_shard),
    ("uploads", uploads),
    ("patches", patches),
    ("hosts", hosts),
    ("static_paths", static_paths),
];

/// Returns the output of a future that waits for nothing.
fn at_once<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Arguments as structured-clone text, and their hash, or why there is none.
pub fn hashed(arguments: &[Value]) -> (Result<String, String>, Result<String, String>) {
    let mut text = String::new();
    let written = wire::write_clone(&mut text, arguments);
    let hash = hash_arguments(arguments);
    (
        written.map(|()| text).map_err(|error| error.to_string()),
        hash.map(|hash| hash.to_string())
            .map_err(|error| error.to_string()),
    )
}

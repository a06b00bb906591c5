#![doc = include_str!("../docs/modules/dump.md")]

// Static dumps: what a server would answer, as files ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
//
// A dump is a folder that any file server can host. [`hash`] gives the arguments of a call the name under which
// its answer is found, the same in every language; [`read`] answers calls from the files.
//
// [`collect`] calls the functions of a context and hands on what is kept of each call, as it comes; it remembers hashes
// and sizes alone, in [`collected`]. [`write`] makes a folder of that, and puts it in its place in one step;
// [`check`] and [`diff`] look at one that is there. [`preview`] has a server answer from one.

pub(crate) mod check;
pub(crate) mod collect;
pub(crate) mod collected;
pub(crate) mod diff;
pub(crate) mod failure;
pub(crate) mod hash;
pub(crate) mod names;
pub(crate) mod options;
#[cfg(feature = "client")]
pub(crate) mod preview;
#[cfg(feature = "client")]
pub(crate) mod read;
mod regular_file;
pub(crate) mod report;
pub(crate) mod write;

pub use self::check::{DumpCheck, check_dump};
pub use self::diff::{Change, DumpDiff, FileDiff, FunctionDiff};
pub use self::failure::DumpError;
pub use self::options::{DumpOptions, DumpProgress};
#[cfg(feature = "client")]
pub use self::preview::{MissedCall, MissedCalls, PreviewError, StaticPreview};
pub use self::report::{
    DumpReport, DumpedFunction, FailedFunction, FailedRecord, NotStatic, NotStaticReason,
};
pub use crate::function::{ComputeDump, Dump, DumpOf, DumpedBy};

#![doc = include_str!("../docs/modules/dump.md")]

// Static dumps: the answers of a server, written to files ([protocol 8](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#8-static-dumps)).
//
// A dump is a folder that any file server can host. [`hash`] computes the hash of a call's arguments, which names the
// file with the answer; it is the same in every language. [`read`] answers calls from the files.
//
// A function says in [`declared`] which calls are recorded. [`record`] is the format of a record.
//
// [`collect`] calls the functions of a context and passes each record on as soon as it exists. It remembers only hashes
// and sizes, in [`collected`]. [`write`] writes the records to a new folder and then swaps it with the old one in one
// step. [`check`] and [`diff`] inspect an existing dump. [`preview`] serves one. [`coverage`] compares the calls of a
// running program with what a build would record.

pub(crate) mod check;
pub(crate) mod collect;
pub(crate) mod collected;
#[cfg(feature = "inspector")]
pub(crate) mod coverage;
pub(crate) mod declared;
pub(crate) mod diff;
pub(crate) mod failure;
pub(crate) mod hash;
#[cfg(any(feature = "client", feature = "inspector"))]
pub(crate) mod missed;
pub(crate) mod names;
pub(crate) mod options;
#[cfg(feature = "client")]
pub(crate) mod preview;
#[cfg(feature = "client")]
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod write;

pub use self::check::{DumpCheck, check_dump};
pub use self::declared::{ComputeDump, Dump, DumpedBy};
pub use self::diff::{Change, DumpDiff, FileDiff, FunctionDiff};
pub use self::failure::DumpError;
#[cfg(any(feature = "client", feature = "inspector"))]
pub use self::missed::{MissedCall, MissedCalls};
pub use self::options::{DumpOptions, DumpProgress};
#[cfg(feature = "client")]
pub use self::preview::{PreviewError, StaticPreview};
pub use self::report::{
    DumpReport, DumpedFunction, FailedFunction, FailedRecord, NotStatic, NotStaticReason,
};
pub use crate::function::DumpOf;

//! Static dumps: what a server would answer, as files (`protocol.md` 8).
//!
//! A dump is a folder that any file server can host. [`hash`] gives the arguments of a call the name under which
//! its answer is found, the same in every language; [`read`] answers calls from the files.

pub(crate) mod hash;
#[cfg(feature = "client")]
pub(crate) mod read;

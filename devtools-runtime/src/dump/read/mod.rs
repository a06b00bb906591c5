//! Reads a static dump: answers calls from its files, in place of a server ([protocol 8.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#84-reading)).
//!
//! [`StaticDump`] answers requests, and [`StaticTransport`] is a connection to it, so the client above works as with
//! a server. The manifest is read first; a shard is read when a call asks for it ([`shards`]). A shard becomes the
//! frame of a reply by putting text around it ([`shard`]). The caller, who knows the type, decodes it.
//!
//! A [`DumpFiles`] reads the files. If a file cannot be read, only the calls that need it fail.

mod described;
mod excerpt;
mod folder;
mod lookup;
mod manifest;
mod nearest;
mod records;
mod request;
mod shard;
mod shards;
mod shown;
mod source;
mod spellings;
mod static_dump;
mod transport;

#[cfg(test)]
mod tests;

pub(crate) use self::folder::Folder;
pub(crate) use self::lookup::DumpReply;
pub(crate) use self::nearest::nearest;
pub(crate) use self::shown::shown;
pub(crate) use self::source::{DumpFiles, Reading, check_path};
pub(crate) use self::static_dump::StaticDump;
pub(crate) use self::transport::StaticTransport;

//! Streaming channels ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)), and what Rust peers say to each other beyond it.
//!
//! Clients are let write chunks as structured clone, which keeps their types. What has no section in the
//! protocol is named `devtools-runtime:…`, and optional: peers that do not know it do without.

use serde::{Deserialize, Serialize};

use crate::wire::js;

function! {
    /// Asks for the chunks of a stream.
    Subscribe = "devframe:streaming:subscribe", Event, Server, StructuredClone,
    (channel: String, id: String, options: Option<SubscribeOptions>) -> ()
}

/// Which chunks are asked for, and how many at once.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SubscribeOptions {
    /// The last chunk that the reader has: those after it are wanted.
    pub(crate) after_seq: u64,
    /// How many chunks the reader takes beyond those it says it has [`Taken`], and of how many bytes. Given by
    /// readers that want to be told: how many they missed ([`From`]), and that there is no such stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<Room>,
    /// Which reader asks: the same over all its connections, so that what it has yet to get can wait for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reader: Option<u32>,
}

/// How much a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Room {
    /// In chunks.
    pub(crate) items: u64,
    /// In bytes of their frames.
    pub(crate) bytes: u64,
}

function! {
    /// Asks for no more of them. The stream goes on, also without readers.
    Unsubscribe = "devframe:streaming:unsubscribe", Event, Server, StructuredClone,
    (channel: String, id: String) -> ()
}

function! {
    /// Asks for no more of them. With its last reader the stream is cancelled.
    Cancel = "devframe:streaming:cancel", Event, Server, StructuredClone,
    (channel: String, id: String) -> ()
}

function! {
    /// A chunk.
    Chunk = "devframe:streaming:chunk", Event, Client, StructuredClone,
    (channel: String, id: String, seq: u64, chunk: js::Value) -> ()
}

function! {
    /// The end of a stream, with an error if it failed.
    End = "devframe:streaming:end", Event, Client, StructuredClone,
    (channel: String, id: String, error: js::Value) -> ()
}

function! {
    /// A chunk of an upload.
    UploadChunk = "devframe:streaming:upload-chunk", Event, Server, StructuredClone,
    (channel: String, id: String, seq: u64, chunk: js::Value) -> ()
}

function! {
    /// The end of an upload, with an error if it failed.
    UploadEnd = "devframe:streaming:upload-end", Event, Server, StructuredClone,
    (channel: String, id: String, error: js::Value) -> ()
}

function! {
    /// Asks for no more of an upload.
    UploadCancel = "devframe:streaming:upload-cancel", Event, Client, StructuredClone,
    (channel: String, id: String) -> ()
}

function! {
    /// How many chunks a reader has taken since it subscribed, so that as many more have room; and the last one that it
    /// has, so that those until it need not be kept for it.
    Taken = "devtools-runtime:streaming:taken", Event, Server, StructuredClone,
    (channel: String, id: String, items: u64, last: u64) -> ()
}

function! {
    /// The chunk that a reader gets first, who has asked for those after `after`, is the one after `seq`. No more
    /// are sent at once than there is room for, which may be less than the reader has.
    From = "devtools-runtime:streaming:from", Event, Client, StructuredClone,
    (channel: String, id: String, after: u64, seq: u64, room: Room) -> ()
}

function! {
    /// How much of an upload there is room for: answered once there is.
    UploadRoom = "devtools-runtime:streaming:upload-room", Query, Server, StructuredClone,
    (channel: String, id: String) -> Granted
}

/// What an uploader may send.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Granted {
    /// Whether there is such an upload, and it is the caller's.
    pub(crate) open: bool,
    /// In chunks.
    pub(crate) items: u64,
    /// In bytes of their frames.
    pub(crate) bytes: u64,
}

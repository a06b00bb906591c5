//! The functions for streaming channels ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)), and the extensions that Rust peers use.
//!
//! Clients may write chunks as structured clone, which keeps their types. Functions without a section in the protocol
//! are named `devtools-runtime:…` and are optional: peers that do not have them work without.

use serde::{Deserialize, Serialize};

use crate::wire::js;

functions! {
    /// Subscribes to the chunks of a stream.
    Subscribe = "devframe:streaming:subscribe", Event, Server, StructuredClone,
    (channel: String, id: String, options: Option<SubscribeOptions>) -> ();
}

/// The options of a subscription: the first chunk, and the reader's capacity.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SubscribeOptions {
    /// The sequence number of the last chunk that the reader has. It wants the chunks after it.
    pub(crate) after_seq: u64,
    /// The capacity of the reader beyond the chunks that it has acknowledged ([`Taken`]). Readers that set it are
    /// told how many chunks they missed ([`From`]), and that a stream does not exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) room: Option<Room>,
    /// The number of the reader, which stays the same over all its connections, so that the server can keep chunks
    /// for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reader: Option<u32>,
}

/// The capacity of a reader or an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Room {
    /// The number of chunks.
    pub(crate) items: u64,
    /// The size of their frames in bytes.
    pub(crate) bytes: u64,
}

functions! {
    /// Ends a subscription. The stream goes on, even without readers.
    Unsubscribe = "devframe:streaming:unsubscribe", Event, Server, StructuredClone,
    (channel: String, id: String) -> ();

    /// Ends a subscription. The stream is cancelled when its last reader leaves.
    Cancel = "devframe:streaming:cancel", Event, Server, StructuredClone,
    (channel: String, id: String) -> ();

    /// A chunk.
    Chunk = "devframe:streaming:chunk", Event, Client, StructuredClone,
    (channel: String, id: String, seq: u64, chunk: js::Value) -> ();

    /// The end of a stream, with an error if it failed.
    End = "devframe:streaming:end", Event, Client, StructuredClone,
    (channel: String, id: String, error: js::Value) -> ();

    /// A chunk of an upload.
    UploadChunk = "devframe:streaming:upload-chunk", Event, Server, StructuredClone,
    (channel: String, id: String, seq: u64, chunk: js::Value) -> ();

    /// The end of an upload, with an error if it failed.
    UploadEnd = "devframe:streaming:upload-end", Event, Server, StructuredClone,
    (channel: String, id: String, error: js::Value) -> ();

    /// Tells a client to stop an upload.
    UploadCancel = "devframe:streaming:upload-cancel", Event, Client, StructuredClone,
    (channel: String, id: String) -> ();

    /// Acknowledges chunks: `items` is the number that the reader has taken since it subscribed, so that as many more
    /// may be sent; `last` is the last one that it has, so that chunks up to it need not be kept for it.
    Taken = "devtools-runtime:streaming:taken", Event, Server, StructuredClone,
    (channel: String, id: String, items: u64, last: u64) -> ();

    /// Tells a reader that asked for chunks after `after` that it gets those after `seq`. `room` limits the chunks
    /// that are sent at once, and may be smaller than the reader's capacity.
    From = "devtools-runtime:streaming:from", Event, Client, StructuredClone,
    (channel: String, id: String, after: u64, seq: u64, room: Room) -> ();

    /// Waits until an upload has room for more chunks, and returns how much.
    UploadRoom = "devtools-runtime:streaming:upload-room", Query, Server, StructuredClone,
    (channel: String, id: String) -> Granted;
}

/// The room for an upload.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Granted {
    /// Whether the upload exists and belongs to the caller.
    pub(crate) open: bool,
    /// The number of chunks.
    pub(crate) items: u64,
    /// The size of their frames in bytes.
    pub(crate) bytes: u64,
}

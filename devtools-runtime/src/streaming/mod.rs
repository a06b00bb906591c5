#![doc = include_str!("../docs/modules/streaming.md")]

// Streaming channels ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)): streams from the server to its clients, and uploads the other way.
//
// [`server`] and [`client`] are the two halves; the files beside them serve both. A Rust client and a Rust server use more
// than the protocol of the ecosystem has: readers announce how many chunks they have room for, and uploaders ask how many
// they may send. Other peers do not, so a policy limits the chunks that arrive too fast from them.

#[cfg(feature = "client")]
pub(crate) mod client;
pub(crate) mod declared;
mod error;
mod message;
mod options;
mod queue;
mod server;

#[cfg(feature = "client")]
pub(crate) use self::client::ClientStreams;
#[cfg(feature = "typescript")]
pub(crate) use self::declared::DeclaredChannel;
pub(crate) use self::message::StreamMessage;
pub(crate) use self::options::RelayOptions;
#[cfg(feature = "inspector")]
pub(crate) use self::server::DescribedChannel;
pub(crate) use self::server::{Batch, Channels, Leaving, OtherProcesses, ProcessReader, Relayed};

#[cfg(feature = "client")]
pub use self::client::{ReaderOptions, StreamReader, StreamingClient, UploadSink};
pub use self::declared::{RpcChannel, RpcChunk};
pub use self::error::{ChannelError, StartError, StreamError, UploadError, WriteError};
pub use self::options::{Backpressure, ChannelDirection, ChannelOptions, WhenUploadFull};
pub use self::server::{
    CancelReason, Cancellation, Channel, ChannelStats, IntoChunk, StreamSink, UploadReader,
};

#![doc = include_str!("../docs/modules/streaming.md")]

// Streaming channels ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)): streams from the server to its clients, and uploads the other way.
//
// Both halves stand here side by side. The server's is [`Channels`], which `host` registers functions for; the
// client's is [`Readers`], which `client` tells of its connections. Between a Rust client and a Rust server there is
// more than the protocol has: readers say how much they take, and uploaders ask how much they may send. Peers
// that do not know of it do without, and what comes too fast from them is bounded by policy.

mod cancellation;
mod channel;
#[cfg(feature = "client")]
pub(crate) mod client;
pub(crate) mod declared;
mod error;
mod inbound;
mod log;
mod message;
mod options;
mod pipe;
mod queue;
#[cfg(feature = "client")]
mod reader;
mod sink;
mod stream;
#[cfg(feature = "client")]
mod upload;

pub(crate) use self::channel::Channels;
#[cfg(feature = "client")]
pub(crate) use self::client::Readers;
#[cfg(feature = "typescript")]
pub(crate) use self::declared::DeclaredChannel;
pub(crate) use self::message::Message;

pub use self::cancellation::{CancelReason, Cancellation};
pub use self::channel::{Channel, ChannelStats};
#[cfg(feature = "client")]
pub use self::client::StreamingClient;
pub use self::declared::{RpcChannel, RpcChunk};
pub use self::error::{ChannelError, StartError, StreamError, UploadError, WriteError};
pub use self::inbound::UploadReader;
pub use self::options::{Backpressure, ChannelDirection, ChannelOptions, WhenUploadFull};
pub use self::pipe::IntoChunk;
#[cfg(feature = "client")]
pub use self::reader::{ReaderOptions, StreamReader};
pub use self::sink::StreamSink;
#[cfg(feature = "client")]
pub use self::upload::UploadSink;

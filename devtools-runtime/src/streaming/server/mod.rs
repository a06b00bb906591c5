//! The server's half of streaming: it writes streams and reads uploads.

mod back_pressure;
mod batch;
mod cancellation;
mod channel;
mod channels;
mod chunk_writer;
mod core;
mod ending;
mod joining;
mod log;
mod pipe;
mod process_reader;
mod relays;
mod requests;
mod settings;
mod sink;
mod state;
mod stream;
mod subscriber;
mod subscribing;
mod upload_reader;

pub(crate) use self::batch::Batch;
pub(crate) use self::channels::Channels;
#[cfg(feature = "inspector")]
pub(crate) use self::core::DescribedChannel;
pub(crate) use self::joining::Leaving;
pub(crate) use self::process_reader::ProcessReader;
pub(crate) use self::relays::{OtherProcesses, Relayed};

pub use self::cancellation::{CancelReason, Cancellation};
pub use self::channel::Channel;
pub use self::core::ChannelStats;
pub use self::pipe::IntoChunk;
pub use self::sink::StreamSink;
pub use self::upload_reader::UploadReader;

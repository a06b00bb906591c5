//! The client's half of streaming: it reads streams and writes uploads, over one connection after the other.

mod reader;
mod stop;
mod streaming;
mod streams;
mod upload;

pub use self::reader::{ReaderOptions, StreamReader};
pub use self::streaming::StreamingClient;
pub use self::streams::ClientStreams;
pub use self::upload::UploadSink;

//! The streams and uploads of a client, as the program asks for them.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::streaming::client::reader::{ReaderOptions, StreamReader};
use crate::streaming::client::streams::ClientStreams;
use crate::streaming::client::upload::UploadSink;

/// Reads streams of the server and uploads to it, from [`DevToolsRpcClient::streaming`](crate::DevToolsRpcClient::streaming).
///
/// ```
/// use devtools_runtime::DevToolsRpcClient;
/// use devtools_runtime::streaming::StreamError;
///
/// async fn last_line(rpc: &DevToolsRpcClient, id: &str) -> Result<Option<String>, StreamError> {
///     let mut lines = rpc.streaming().subscribe::<String>("my-plugin:log", id);
///     let mut last = None;
///     while let Some(line) = lines.next().await {
///         last = Some(line?);
///     }
///     Ok(last)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StreamingClient<'a> {
    streams: &'a Arc<ClientStreams>,
}

impl<'a> StreamingClient<'a> {
    pub(crate) fn new(streams: &'a Arc<ClientStreams>) -> Self {
        Self { streams }
    }

    pub(crate) fn streams(self) -> &'a Arc<ClientStreams> {
        self.streams
    }

    /// Reads a stream of the server: the chunks that the server has kept, and those that follow.
    ///
    /// After the connection was lost and made again, the reader goes on behind the last chunk that it has. It loses and
    /// repeats none, as far as the server [keeps](crate::streaming::ChannelOptions::replay) them.
    pub fn subscribe<T>(self, channel: &str, id: &str) -> StreamReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.subscribe_with(channel, id, ReaderOptions::new())
    }

    /// Does what [`subscribe`](Self::subscribe) does, with other bounds.
    pub fn subscribe_with<T>(
        self,
        channel: &str,
        id: &str,
        options: ReaderOptions,
    ) -> StreamReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        StreamReader::new(self.streams, (channel.to_owned(), id.to_owned()), options)
    }

    /// Uploads chunks. The server has opened the upload, and has told its id.
    pub fn upload<T: Serialize>(self, channel: &str, id: &str) -> UploadSink<T> {
        UploadSink::new(self.streams, (channel.to_owned(), id.to_owned()))
    }
}

//! The streams and uploads of a client, for the program that uses the client.

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

    /// Reads a stream of the server: the chunks that the server has stored for replay, and those that follow.
    ///
    /// After a reconnect, the reader continues behind its last chunk. No chunk is repeated, and none is lost if the server
    /// still [has](crate::streaming::ChannelOptions::replay) the missing ones.
    pub fn subscribe<T>(self, channel: &str, id: &str) -> StreamReader<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        self.subscribe_with(channel, id, ReaderOptions::new())
    }

    /// Does what [`subscribe`](Self::subscribe) does, with other limits.
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

    /// Uploads chunks to an upload that the server has opened. The server sends its id by other means, such as the result
    /// of a call.
    pub fn upload<T: Serialize>(self, channel: &str, id: &str) -> UploadSink<T> {
        UploadSink::new(self.streams, (channel.to_owned(), id.to_owned()))
    }
}

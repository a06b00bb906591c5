//! The settings that the streams and uploads of a channel share, and their view of the channel.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::streaming::options::ChannelOptions;
use crate::streaming::server::joining::Leaving;

/// The settings of a channel, which never change.
#[derive(Debug, Clone)]
pub(super) struct ChannelSettings {
    pub(super) name: Arc<str>,
    pub(super) options: ChannelOptions,
    /// The largest frame, in bytes.
    pub(super) frame_bytes: usize,
    /// Whether the streams are those of another process.
    pub(super) is_relayed: bool,
    /// The runtime that the channel was created in, if there was one.
    pub(super) runtime: Option<Handle>,
}

/// The operations of a channel that its streams and uploads use.
pub(super) trait Holder: Send + Sync {
    /// Notes that a stream has ended. If the channel stores too many ended streams, it removes the first of them.
    fn stream_ended(&self, id: &str);

    /// Removes a stream that has ended and is not stored any more.
    fn forget_stream(&self, id: &str);

    /// Notes that the last subscriber of a stream of another process has left.
    fn stream_unread(&self, id: &str, left: Leaving);

    /// Removes an upload that has ended.
    fn forget_upload(&self, id: &str);
}

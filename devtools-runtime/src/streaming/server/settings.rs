//! What the streams and uploads of a channel share with it.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::streaming::options::ChannelOptions;

/// The settings of a channel, which never change.
#[derive(Debug, Clone)]
pub(super) struct ChannelSettings {
    pub(super) name: Arc<str>,
    pub(super) options: ChannelOptions,
    /// The largest frame, in bytes.
    pub(super) frame_bytes: usize,
    /// The runtime that the channel was created in, if there was one.
    pub(super) runtime: Option<Handle>,
}

/// The channel, as its streams and uploads know it.
pub(super) trait Holder: Send + Sync {
    /// Notes that a stream has ended. If the channel keeps too many of those, it forgets the first of them.
    fn stream_ended(&self, id: &str);

    /// Forgets a stream that nobody comes for any more.
    fn forget_stream(&self, id: &str);

    /// Forgets an upload that has ended.
    fn forget_upload(&self, id: &str);
}

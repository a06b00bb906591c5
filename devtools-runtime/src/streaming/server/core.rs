//! A channel without the type of its chunks: the streams and uploads that it holds.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::mutex::Mutex;
use crate::streaming::error::StartError;
use crate::streaming::server::cancellation::CancelReason;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::settings::{ChannelSettings, Holder};
use crate::streaming::server::stream::StreamCore;
use crate::streaming::server::upload_reader::Upload;

/// Separates channel and id in JavaScript, so neither may contain it ([protocol 6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#6-streams)).
const SEPARATOR: char = '\u{1f}';

/// A channel, without the type of its chunks.
pub(super) struct ChannelCore {
    pub(super) settings: ChannelSettings,
    state: Mutex<ChannelState>,
    /// The tasks that pipe streams into the channel. They end with the channel.
    pipes: Mutex<JoinSet<()>>,
    /// The description of the type of the chunks.
    #[cfg(feature = "typescript")]
    pub(super) describe: std::sync::OnceLock<crate::function::DescribeType>,
}

#[derive(Default)]
struct ChannelState {
    streams: HashMap<String, Arc<StreamCore>>,
    /// The ids of ended streams, in the order in which they ended.
    ended: VecDeque<String>,
    uploads: HashMap<String, Arc<dyn Upload>>,
    stats: ChannelStats,
}

/// The counters of a channel, from [`Channel::stats`](crate::streaming::Channel::stats).
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::streaming::ChannelOptions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let streaming = devtools.context().rpc().streaming();
/// let log = streaming.create::<String>("my-plugin:log", ChannelOptions::new())?;
/// let stream = log.start();
///
/// assert_eq!(log.stats().open, 1);
/// assert_eq!(log.stats().subscribers, 0);
/// # drop(stream);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChannelStats {
    /// The streams that are open.
    pub open: usize,
    /// The streams that have ended and are stored for subscribers that join late.
    pub retained: usize,
    /// The subscribers of all these streams.
    pub subscribers: usize,
    /// The bytes of frames that are stored, for replay or because a subscriber has not received them.
    pub bytes: u64,
    /// The chunks that subscribers missed because they were slow, since the channel was created.
    pub dropped_chunks: u64,
    /// The subscribers that were closed because they were slow, since the channel was created.
    pub closed_subscribers: u64,
    /// The uploads that are open.
    pub uploads: usize,
}

/// The description of a channel, for the inspector.
#[cfg(feature = "inspector")]
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DescribedChannel {
    pub(crate) name: String,
    /// The ids of the streams, sorted.
    pub(crate) streams: Vec<String>,
    /// The open uploads, sorted by id.
    pub(crate) running: Vec<crate::streaming::server::upload_reader::UploadProgress>,
    #[serde(flatten)]
    pub(crate) stats: ChannelStats,
}

impl ChannelCore {
    pub(super) fn new(settings: ChannelSettings) -> Arc<Self> {
        Arc::new(Self {
            settings,
            state: Mutex::default(),
            pipes: Mutex::default(),
            #[cfg(feature = "typescript")]
            describe: std::sync::OnceLock::new(),
        })
    }

    pub(super) fn stream(&self, id: &str) -> Option<Arc<StreamCore>> {
        self.state.lock().streams.get(id).cloned()
    }

    pub(super) fn upload(&self, id: &str) -> Option<Arc<dyn Upload>> {
        self.state.lock().uploads.get(id).cloned()
    }

    pub(super) fn streams(&self) -> Vec<Arc<StreamCore>> {
        self.state.lock().streams.values().cloned().collect()
    }

    pub(super) fn uploads(&self) -> Vec<Arc<dyn Upload>> {
        self.state.lock().uploads.values().cloned().collect()
    }

    /// Starts a stream. Fails if the channel has one of this id.
    pub(super) fn start(self: &Arc<Self>, id: &str) -> Result<Arc<StreamCore>, StartError> {
        let id = checked_id(id)?;
        let stream = StreamCore::new(&self.settings, self.holder(), id.clone());
        let mut state = self.state.lock();
        if state.streams.contains_key(&id) {
            return Err(StartError::IdTaken(id));
        }
        state.streams.insert(id, Arc::clone(&stream));
        Ok(stream)
    }

    /// Opens an upload, which `make` creates. Fails if the channel has one of this id.
    pub(super) fn open<U: Upload + 'static>(
        self: &Arc<Self>,
        id: &str,
        make: impl FnOnce(&ChannelSettings, Weak<dyn Holder>, String) -> Arc<U>,
    ) -> Result<Arc<U>, StartError> {
        let id = checked_id(id)?;
        let upload = make(&self.settings, self.holder(), id.clone());
        let mut state = self.state.lock();
        if state.uploads.contains_key(&id) {
            return Err(StartError::IdTaken(id));
        }
        state.uploads.insert(id, Arc::<U>::clone(&upload));
        Ok(upload)
    }

    /// Runs a task until it ends or the channel is dropped.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut pipes = self.pipes.lock();
        while pipes.try_join_next().is_some() {}
        let of_channel = || self.settings.runtime.clone();
        match Handle::try_current().ok().or_else(of_channel) {
            Some(runtime) => pipes.spawn_on(task, &runtime),
            None => pipes.spawn(task),
        };
    }

    /// Returns the ids of the streams, sorted.
    pub(super) fn stream_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.state.lock().streams.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn stats(&self) -> ChannelStats {
        let channel = self.state.lock();
        let mut stats = ChannelStats {
            uploads: channel.uploads.len(),
            ..channel.stats
        };
        for stream in channel.streams.values() {
            let of_stream = stream.stats();
            stats.open += usize::from(!of_stream.has_ended);
            stats.retained += usize::from(of_stream.has_ended);
            stats.subscribers += of_stream.subscribers;
            stats.bytes += of_stream.bytes;
            stats.dropped_chunks += of_stream.counts.dropped;
            stats.closed_subscribers += of_stream.counts.closed;
        }
        stats
    }

    #[cfg(feature = "inspector")]
    pub(super) fn describe(&self) -> DescribedChannel {
        let mut running: Vec<_> = self.uploads().iter().map(|it| it.progress()).collect();
        running.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        DescribedChannel {
            name: self.settings.name.to_string(),
            streams: self.stream_ids(),
            running,
            stats: self.stats(),
        }
    }

    fn holder(self: &Arc<Self>) -> Weak<dyn Holder> {
        let channel: Arc<dyn Holder> = Arc::<Self>::clone(self);
        Arc::downgrade(&channel)
    }
}

impl Holder for ChannelCore {
    fn stream_ended(&self, id: &str) {
        let forgotten = {
            let mut state = self.state.lock();
            state.ended.push_back(id.to_owned());
            let is_over = state.ended.len() > self.settings.options.retained_streams;
            let first = is_over.then(|| state.first_idle()).flatten();
            first.and_then(|id| state.forget(&id))
        };
        // Dropped outside the lock, because dropping may need it.
        drop(forgotten);
    }

    fn forget_stream(&self, id: &str) {
        let forgotten = self.state.lock().forget(id);
        drop(forgotten);
    }

    fn stream_unread(&self, _id: &str, _left: Leaving) {
        // Does nothing: a stream of this process cancels its producer instead.
    }

    fn forget_upload(&self, id: &str) {
        let forgotten = self.state.lock().uploads.remove(id);
        drop(forgotten);
    }
}

impl ChannelState {
    /// Returns the stream that ended first, among those without subscribers.
    fn first_idle(&self) -> Option<String> {
        let mut ended = self.ended.iter();
        let idle = ended.find(|id| {
            let stream = self.streams.get(*id);
            stream.is_some_and(|stream| stream.stats().subscribers == 0)
        });
        idle.cloned()
    }

    fn forget(&mut self, id: &str) -> Option<Arc<StreamCore>> {
        self.ended.retain(|ended| ended != id);
        let stream = self.streams.remove(id)?;
        let counts = stream.stats().counts;
        self.stats.dropped_chunks += counts.dropped;
        self.stats.closed_subscribers += counts.closed;
        Some(stream)
    }
}

impl Drop for ChannelCore {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        for stream in state.streams.values() {
            stream.cancellation.cancel(CancelReason::Gone);
        }
    }
}

impl fmt::Debug for ChannelCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("name", &self.settings.name)
            .field("options", &self.settings.options)
            .finish_non_exhaustive()
    }
}

fn checked_id(id: &str) -> Result<String, StartError> {
    if id.is_empty() || id.contains(SEPARATOR) {
        Err(StartError::BadId(id.to_owned()))
    } else {
        Ok(id.to_owned())
    }
}

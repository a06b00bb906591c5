//! The channels of a server by their names.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::function::is_scoped_or_reserved;
use crate::mutex::Mutex;
use crate::streaming::error::ChannelError;
use crate::streaming::options::ChannelOptions;
use crate::streaming::server::channel::Channel;
use crate::streaming::server::core::ChannelCore;
#[cfg(feature = "inspector")]
use crate::streaming::server::core::DescribedChannel;
use crate::streaming::server::relays::{OtherProcesses, Relays};
use crate::streaming::server::settings::ChannelSettings;

/// The channels of a server. Clones are cheap and share them.
#[derive(Debug, Clone)]
pub(crate) struct Channels(Arc<ChannelTable>);

#[derive(Debug)]
struct ChannelTable {
    /// The largest frame, in bytes.
    frame_bytes: usize,
    relays: Arc<Relays>,
    channels: Mutex<HashMap<Arc<str>, Arc<ChannelCore>>>,
}

impl Channels {
    /// Creates a registry without channels. No frame of a channel is larger than `frame_bytes`.
    pub(crate) fn new(frame_bytes: usize, others: Option<Box<dyn OtherProcesses>>) -> Self {
        Self(Arc::new(ChannelTable {
            frame_bytes,
            relays: Relays::new(others, frame_bytes),
            channels: Mutex::default(),
        }))
    }

    /// Creates a channel.
    pub(crate) fn create<T>(
        &self,
        name: &str,
        options: ChannelOptions,
    ) -> Result<Channel<T>, ChannelError> {
        if !is_scoped_or_reserved(name) {
            return Err(ChannelError::BadName(name.to_owned()));
        }
        let mut channels = self.0.channels.lock();
        if channels.contains_key(name) {
            return Err(ChannelError::NameTaken(name.to_owned()));
        }
        let name: Arc<str> = name.into();
        let core = ChannelCore::new(ChannelSettings {
            name: Arc::clone(&name),
            options,
            frame_bytes: self.0.frame_bytes,
            is_relayed: false,
            runtime: Handle::try_current().ok(),
        });
        channels.insert(name, Arc::clone(&core));
        Ok(Channel::new(core))
    }

    /// Returns the names of the channels, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .0
            .channels
            .lock()
            .keys()
            .map(ToString::to_string)
            .collect();
        names.sort_unstable();
        names
    }

    /// Describes all channels, sorted by name.
    #[cfg(feature = "inspector")]
    pub(crate) fn describe(&self) -> Vec<DescribedChannel> {
        let mut described: Vec<_> = self.all().iter().map(|it| it.describe()).collect();
        described.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        described
    }

    /// Describes a channel, if there is one of this name.
    #[cfg(feature = "inspector")]
    pub(crate) fn describe_one(&self, name: &str) -> Option<DescribedChannel> {
        self.get(name).map(|channel| channel.describe())
    }

    /// Ends an upload with an error for its reader. Returns `false` if there is none of this id.
    #[cfg(feature = "inspector")]
    pub(crate) fn stop_upload(
        &self,
        channel: &str,
        id: &str,
        error: crate::function::RemoteError,
    ) -> bool {
        let upload = self.get(channel).and_then(|channel| channel.upload(id));
        upload.inspect(|upload| upload.stop(error)).is_some()
    }

    /// Returns the name and options of each channel, and the description of its chunks if there is one.
    #[cfg(feature = "typescript")]
    pub(crate) fn described(
        &self,
    ) -> Vec<(
        String,
        ChannelOptions,
        Option<crate::function::DescribeType>,
    )> {
        let channels = self.0.channels.lock();
        let described = channels.values().map(|channel| {
            let describe = channel.describe.get().copied();
            let settings = &channel.settings;
            (settings.name.to_string(), settings.options, describe)
        });
        described.collect()
    }

    /// Returns the streams of other processes that sessions read.
    pub(super) fn relays(&self) -> &Relays {
        &self.0.relays
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<ChannelCore>> {
        self.0.channels.lock().get(name).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<ChannelCore>> {
        self.0.channels.lock().values().cloned().collect()
    }
}

//! The channels of a server by their names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use crate::function::is_scoped_or_reserved;
use crate::streaming::error::ChannelError;
use crate::streaming::options::ChannelOptions;
use crate::streaming::server::channel::Channel;
use crate::streaming::server::core::ChannelCore;
#[cfg(feature = "inspector")]
use crate::streaming::server::core::ChannelStats;
use crate::streaming::server::settings::ChannelSettings;

/// The channels of a server. Clones are cheap and share them.
#[derive(Debug, Clone)]
pub(crate) struct Channels(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The largest frame, in bytes.
    frame_bytes: usize,
    channels: Mutex<HashMap<Arc<str>, Arc<ChannelCore>>>,
}

impl Channels {
    /// Creates a registry without channels. No frame of a channel is larger than `frame_bytes`.
    pub(crate) fn new(frame_bytes: usize) -> Self {
        Self(Arc::new(Shared {
            frame_bytes,
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
        let mut channels = self.lock();
        if channels.contains_key(name) {
            return Err(ChannelError::NameTaken(name.to_owned()));
        }
        let name: Arc<str> = name.into();
        let core = ChannelCore::new(ChannelSettings {
            name: Arc::clone(&name),
            options,
            frame_bytes: self.0.frame_bytes,
            runtime: Handle::try_current().ok(),
        });
        channels.insert(name, Arc::clone(&core));
        Ok(Channel::new(core))
    }

    /// Returns the names of the channels, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.lock().keys().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    }

    /// Returns the name, the ids of the streams, and the counters of each channel, sorted by name.
    #[cfg(feature = "inspector")]
    pub(crate) fn stats(&self) -> Vec<(String, Vec<String>, ChannelStats)> {
        let channels: Vec<_> = self.lock().values().map(Arc::clone).collect();
        let stats = channels.iter().map(|channel| {
            let name = channel.settings.name.to_string();
            (name, channel.stream_ids(), channel.stats())
        });
        let mut stats: Vec<_> = stats.collect();
        stats.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
        stats
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
        let channels = self.lock();
        let described = channels.values().map(|channel| {
            let describe = channel.describe.get().copied();
            let settings = &channel.settings;
            (settings.name.to_string(), settings.options, describe)
        });
        described.collect()
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<ChannelCore>> {
        self.lock().get(name).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<ChannelCore>> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<ChannelCore>>> {
        // No critical section can leave the map half changed.
        self.0
            .channels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

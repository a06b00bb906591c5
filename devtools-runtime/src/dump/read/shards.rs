//! The shards of a dump: read when a call first needs one, and cached up to a limit.
//!
//! A call that needs a shard which is being read waits for that read. If the first caller gives up, another one
//! continues.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::shard::ShardReply;
use super::source::DumpFiles;
use crate::dump::read::source::FileError;
use crate::function::BoxError;
use crate::mutex::Mutex;
use crate::peer::Limits;

/// The memory that a cached shard takes beside its text, in bytes: its path and its entries in the maps.
const OVERHEAD: usize = 512;

/// The files of a dump, with a cache of the shards that were read.
pub(super) struct ShardCache {
    source: Box<dyn DumpFiles>,
    /// The largest size of a file, in bytes.
    file_bytes: usize,
    /// The capacity of the cache, in bytes.
    cache_bytes: usize,
    /// The lock is held for map operations only.
    state: Mutex<CacheState>,
}

#[derive(Default)]
struct CacheState {
    cached: HashMap<Arc<str>, CachedShard>,
    /// The paths of the cached shards, by the time of their last use.
    by_use: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    uses: u64,
    loading: HashMap<Arc<str>, Loading>,
}

struct CachedShard {
    shard: Arc<ShardReply>,
    last_use: u64,
}

/// A shard that is being read, and the number of callers that wait for it.
#[derive(Default)]
struct Loading {
    shard: Arc<OnceCell<Arc<ShardReply>>>,
    waiting: usize,
}

impl ShardCache {
    pub(super) fn new(source: impl DumpFiles, limits: &Limits) -> Self {
        Self {
            source: Box::new(source),
            file_bytes: limits.frame_bytes,
            cache_bytes: limits.shard_bytes,
            state: Mutex::default(),
        }
    }

    /// Returns the name of the file at `path` for messages.
    pub(super) fn name_of(&self, path: &str) -> String {
        self.source.name_of(path)
    }

    /// Returns the shard at `path` from the cache, or reads the file and parses it with `parse`.
    pub(super) async fn load(
        &self,
        path: &str,
        parse: impl Fn(&str) -> Result<ShardReply, BoxError> + Copy,
    ) -> Result<Arc<ShardReply>, FileError> {
        let waiting = {
            let mut state = self.state.lock();
            if let Some(shard) = state.touch(path) {
                return Ok(shard);
            }
            Waiter::new(self, &mut state, path)
        };
        let load = || async { self.read(path, parse).await.map(Arc::new) };
        let shard = waiting.shard.get_or_try_init(load).await?;
        self.state
            .lock()
            .insert(&waiting.path, shard, self.cache_bytes);
        Ok(Arc::clone(shard))
    }

    /// Reads the file at `path` and parses it with `parse`.
    pub(super) async fn read<T>(
        &self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, BoxError> + Copy,
    ) -> Result<T, FileError> {
        let problem = match self.read_as(path, parse).await {
            Ok(read) => return Ok(read),
            Err(problem) => problem,
        };
        if let Some(path) = self.source.respelled(path) {
            if let Ok(read) = self.read_as(&path, parse).await {
                return Ok(read);
            }
        }
        Err(FileError {
            file: self.name_of(path),
            problem,
        })
    }

    async fn read_as<T>(
        &self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, BoxError>,
    ) -> Result<T, BoxError> {
        let bytes = self.source.read(path, self.file_bytes).await?;
        let text = std::str::from_utf8(&bytes)?;
        parse(text.trim_start_matches('\u{feff}'))
    }

    /// Returns `true` if no caller waits for a shard.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.state.lock().loading.is_empty()
    }
}

impl CacheState {
    /// Returns a cached shard and marks it as used.
    fn touch(&mut self, path: &str) -> Option<Arc<ShardReply>> {
        let (path, cached) = self.cached.get_key_value(path)?;
        let (path, shard, last_use) =
            (Arc::clone(path), Arc::clone(&cached.shard), cached.last_use);
        self.by_use.remove(&last_use);
        self.put(path, Arc::clone(&shard));
        Some(shard)
    }

    /// Caches a shard. Evicts the shards that were not used for longest until there is room.
    fn insert(&mut self, path: &Arc<str>, shard: &Arc<ShardReply>, room: usize) {
        let size = shard.len() + OVERHEAD;
        if size > room || self.touch(path).is_some() {
            return;
        }
        self.bytes += size;
        while self.bytes > room {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            if let Some(forgotten) = self.cached.remove(&oldest) {
                self.bytes -= forgotten.shard.len() + OVERHEAD;
            }
        }
        self.put(Arc::clone(path), Arc::clone(shard));
    }

    fn put(&mut self, path: Arc<str>, shard: Arc<ShardReply>) {
        self.uses += 1;
        let last_use = self.uses;
        self.by_use.insert(last_use, Arc::clone(&path));
        self.cached.insert(path, CachedShard { shard, last_use });
    }
}

/// A caller that waits for a shard. The last one that is dropped removes the entry from `loading`.
struct Waiter<'s> {
    shards: &'s ShardCache,
    path: Arc<str>,
    shard: Arc<OnceCell<Arc<ShardReply>>>,
}

impl<'s> Waiter<'s> {
    fn new(shards: &'s ShardCache, state: &mut CacheState, path: &str) -> Self {
        let path: Arc<str> = path.into();
        let loading = state.loading.entry(Arc::clone(&path)).or_default();
        loading.waiting += 1;
        Self {
            shards,
            path,
            shard: Arc::clone(&loading.shard),
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.shards.state.lock();
        if let Some(loading) = state.loading.get_mut(&self.path) {
            loading.waiting -= 1;
            if loading.waiting == 0 {
                state.loading.remove(&self.path);
            }
        }
    }
}

//! The list of the relays of a process, each relay, and the handle that the task of a relay has.
//!
//! The three types are in one file because each needs the others: the list contains the relays, a relay removes
//! itself from the list, and the handle contains its relay.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::function::RemoteError;
use crate::mutex::Mutex;
use crate::peer::{Peer, Signal};
use crate::protocol::streaming::SubscribeOptions;
use crate::streaming::options::RelayOptions;
use crate::streaming::server::batch::Batch;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::relays::lookups::{Lookups, RelayLookup};
use crate::streaming::server::relays::returned::ReturnedReader;
use crate::streaming::server::relays::state::RelayState;
use crate::streaming::server::settings::{ChannelSettings, Holder};
use crate::streaming::server::stream::{AppendResult, StreamCore};

/// The other processes of the program, as the streams see them.
pub(crate) trait OtherProcesses: fmt::Debug + Send + Sync {
    /// Returns whether there are no other processes.
    fn is_alone(&self) -> bool;

    /// Tells the other processes that a reader of a stream has connected to this one with the chunks up to `after`,
    /// so that none of them waits for the reader any more.
    fn moved(
        &self,
        channel: &str,
        id: &str,
        reader: u32,
        after: u64,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// Looks for the process that has a stream, and passes its chunks on until it ends or has no reader in this
    /// process.
    fn relay(&self, relayed: Relayed) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The relays of a process.
#[derive(Debug)]
pub(crate) struct Relays {
    this: Weak<Self>,
    others: Option<Box<dyn OtherProcesses>>,
    frame_bytes: usize,
    open: Mutex<HashMap<StreamKey, Arc<Relay>>>,
    lookups: Arc<Lookups>,
    tasks: Mutex<JoinSet<()>>,
}

/// Channel and id.
type StreamKey = (String, String);

/// One stream of another process.
#[derive(Debug)]
struct Relay {
    key: StreamKey,
    /// A number that no other relay of this process has.
    number: u64,
    relays: Weak<Relays>,
    state: Mutex<RelayState>,
    /// The signal that the stream has no reader in this process any more.
    left: Signal<Leaving>,
}

/// The relay of a stream, for the task that passes the chunks on.
///
/// If it is dropped before [`found`](Self::found), no process has the stream. If it is dropped after that and before
/// the end, the stream ends with an error.
/// ends with an error.
#[derive(Debug)]
pub(crate) struct Relayed(Arc<Relay>);

impl Relays {
    pub(crate) fn new(others: Option<Box<dyn OtherProcesses>>, frame_bytes: usize) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            others,
            frame_bytes,
            open: Mutex::default(),
            lookups: Arc::default(),
            tasks: Mutex::default(),
        })
    }

    /// Subscribes a session to a stream of another process. If it is not known yet which process has the stream, the session waits
    /// for the lookup. Returns `false` if there is no other process, or if too many lookups of this session are under way.
    pub(crate) fn subscribe(
        &self,
        session: u64,
        peer: &Peer,
        channel: &str,
        id: &str,
        options: SubscribeOptions,
    ) -> bool {
        let Some(others) = self.others.as_ref().filter(|it| !it.is_alone()) else {
            return false;
        };
        let key = (channel.to_owned(), id.to_owned());
        let mut open = self.open.lock();
        if let Some(relay) = open.get(&key) {
            relay.add(session, peer, options);
            return true;
        }
        let Some(lookup) = self.lookups.begin(session) else {
            return false;
        };
        let Ok(runtime) = Handle::try_current() else {
            return false;
        };
        let relay = Arc::new(Relay::new(key.clone(), self.this.clone(), lookup));
        relay.add(session, peer, options);
        let relaying = others.relay(Relayed(Arc::clone(&relay)));
        open.insert(key, relay);
        drop(open);
        self.spawn(relaying, &runtime);
        true
    }

    /// Tells the other processes that a reader has come from one of them. Otherwise the producer would wait for it there.
    pub(crate) fn tell_moved(&self, channel: &str, id: &str, returned: ReturnedReader) {
        let others = self.others.as_ref().filter(|it| !it.is_alone());
        if let (Some(others), Ok(runtime)) = (others, Handle::try_current()) {
            let told = others.moved(channel, id, returned.reader, returned.after);
            self.spawn(told, &runtime);
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static, runtime: &Handle) {
        let mut tasks = self.tasks.lock();
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, runtime);
    }

    /// Returns a stream of another process that sessions of this one read.
    pub(crate) fn stream(&self, channel: &str, id: &str) -> Option<Arc<StreamCore>> {
        self.get(channel, id)?.state.lock().stream()
    }

    pub(crate) fn taken(&self, session: u64, channel: &str, id: &str, items: u64, last: u64) {
        if let Some(stream) = self.stream(channel, id) {
            stream.taken(session, items, last);
        }
    }

    /// Removes a session from a stream.
    pub(crate) fn leave(&self, session: u64, channel: &str, id: &str, leaving: Leaving) {
        if let Some(relay) = self.get(channel, id) {
            relay.leave(session, leaving);
        }
    }

    /// Removes a session that has ended from all streams.
    pub(crate) fn leave_all(&self, session: u64) {
        let all: Vec<_> = self.open.lock().values().cloned().collect();
        for relay in all {
            relay.leave(session, Leaving::Disconnected);
        }
    }

    /// Returns whether the relay of this number is open.
    pub(crate) fn is_open(&self, channel: &str, id: &str, number: u64) -> bool {
        let relay = self.get(channel, id);
        relay.is_some_and(|relay| relay.number == number)
    }

    fn get(&self, channel: &str, id: &str) -> Option<Arc<Relay>> {
        let open = self.open.lock();
        if open.is_empty() {
            return None;
        }
        open.get(&(channel.to_owned(), id.to_owned())).cloned()
    }
}

impl Relay {
    fn new(key: StreamKey, relays: Weak<Relays>, lookup: RelayLookup) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self {
            key,
            number: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            relays,
            state: Mutex::new(RelayState::new(lookup)),
            left: Signal::default(),
        }
    }

    /// Adds a session, which waits if the stream has not got to the chunks that it wants.
    fn add(&self, session: u64, peer: &Peer, options: SubscribeOptions) {
        let returned = self.state.lock().add(session, peer, options);
        self.tell_moved(returned);
    }

    fn tell_moved(&self, returned: impl IntoIterator<Item = ReturnedReader>) {
        if let Some(relays) = self.relays.upgrade() {
            for returned in returned {
                relays.tell_moved(&self.key.0, &self.key.1, returned);
            }
        }
    }

    fn leave(&self, session: u64, leaving: Leaving) {
        let stream = self.state.lock().leave(session);
        match stream {
            Some(stream) => stream.leave(session, leaving),
            None => self.close_unread(Some(leaving)),
        }
    }

    /// Removes the relay if it has no subscriber.
    fn close_unread(&self, left: Option<Leaving>) {
        let Some(relays) = self.relays.upgrade() else {
            return;
        };
        // No session can subscribe while the list is locked.
        let mut open = relays.open.lock();
        let is_this = |relay: &Arc<Self>| std::ptr::eq(Arc::as_ptr(relay), self);
        if self.state.lock().is_read() || !open.get(&self.key).is_some_and(is_this) {
            return;
        }
        let removed = open.remove(&self.key);
        drop(open);
        drop(removed);
        if let Some(left) = left {
            self.left.give(left);
        }
    }
}

impl Relayed {
    pub(crate) fn channel(&self) -> &str {
        &self.0.key.0
    }

    pub(crate) fn id(&self) -> &str {
        &self.0.key.1
    }

    /// Returns the number of the relay.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// Resolves when the stream has no reader in this process any more.
    pub(crate) async fn left(&self) -> Leaving {
        self.0.left.given().await;
        let left = self.0.left.reason();
        left.copied().unwrap_or(Leaving::Disconnected)
    }

    /// Ends the subscriptions to a stream that no process has.
    fn end_unknown(&self) {
        let Some(relays) = self.0.relays.upgrade() else {
            return;
        };
        let waiting = {
            let mut open = relays.open.lock();
            let is_this = |relay: &Arc<Relay>| Arc::ptr_eq(relay, &self.0);
            if open.get(&self.0.key).is_some_and(is_this) {
                open.remove(&self.0.key);
            }
            self.0.state.lock().give_up()
        };
        for waiting in waiting {
            waiting.end_unknown(self.channel(), self.id());
        }
    }

    /// Notes that a process has the stream, in a channel with these options.
    pub(crate) fn found(&self, options: RelayOptions) {
        let Some(relays) = self.0.relays.upgrade() else {
            return;
        };
        let settings = ChannelSettings {
            name: self.channel().into(),
            options: options.into(),
            frame_bytes: relays.frame_bytes,
            is_relayed: true,
            runtime: Handle::try_current().ok(),
        };
        let holder: Arc<dyn Holder> = Arc::<Relay>::clone(&self.0);
        let holder = Arc::downgrade(&holder);
        let stream = StreamCore::new(&settings, holder, self.id().to_owned());
        self.0.state.lock().found(stream);
    }

    /// Notes that the other process is asked, and returns the number of the last chunk that this process has. Before the first
    /// answer it has none; then this is the lowest number that a waiting session has asked to continue from.
    pub(crate) fn ask(&self) -> u64 {
        self.0.state.lock().ask()
    }

    /// Adds chunks, and waits for subscribers without room as a producer does. Returns whether the stream goes on.
    ///
    /// # Errors
    ///
    /// If a chunk is larger than this process allows.
    pub(crate) async fn append(&self, batch: Batch) -> Result<bool, RemoteError> {
        let known = self.0.state.lock().begin(batch.last);
        let Some((stream, begin)) = known else {
            return Ok(false);
        };
        let limit = stream.frame_bytes();
        if let Some(frame) = batch.frames.iter().find(|frame| frame.len() > limit) {
            let size = frame.len();
            return Err(RemoteError::new(format!(
                "the frame of a chunk has {size} bytes, over the limit `frame_bytes` of {limit}"
            )));
        }
        let mut first = batch.through + 1 - batch.frames.len() as u64;
        let mut frames = VecDeque::from(batch.frames);
        // The sessions that wait are subscribed at the point where the relay has begun, so that they get the chunks after it.
        let early = usize::try_from((begin + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let mut later = frames.split_off(early.min(frames.len()));
        stream.append_frames(&mut first, &mut frames);
        if first > begin {
            stream.skip_to(begin);
        }
        self.admit();
        frames.append(&mut later);
        loop {
            // Made before the attempt, so that no notification is missed.
            let room = stream.room();
            let appended = stream.append_frames(&mut first, &mut frames);
            self.admit();
            if appended == AppendResult::Yes {
                break;
            }
            if tokio::time::timeout(stream.patience(), room).await.is_err() {
                stream.close_full();
            }
        }
        stream.skip_to(batch.through);
        self.admit();
        if let Some(end) = batch.end {
            self.0.state.lock().admit_all();
            stream.end_with(Some(end));
            return Ok(false);
        }
        if batch.last == batch.through {
            self.0.state.lock().admit_restarted();
        }
        Ok(true)
    }

    /// Ends the stream with an error.
    pub(crate) fn fail(self, error: &RemoteError) {
        let stream = {
            let mut state = self.0.state.lock();
            state.admit_all();
            state.stream()
        };
        if let Some(stream) = stream {
            stream.end(Some(error));
        }
    }

    /// Subscribes the waiting sessions whose next chunk is the next one of the stream, or an earlier one.
    fn admit(&self) {
        let returned = self.0.state.lock().admit();
        self.0.tell_moved(returned);
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        let stream = self.0.state.lock().stream();
        match stream {
            // Has no effect on a stream that has ended.
            Some(stream) => stream.end_dropped(),
            None => self.end_unknown(),
        }
    }
}

impl Holder for Relay {
    fn stream_ended(&self, _id: &str) {
        // It is removed when its last subscriber has the end.
    }

    fn forget_stream(&self, _id: &str) {
        self.close_unread(None);
    }

    fn stream_unread(&self, _id: &str, left: Leaving) {
        self.close_unread(Some(left));
    }

    fn forget_upload(&self, _id: &str) {
        // A relay has no uploads.
    }
}

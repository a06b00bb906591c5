//! One shared state of a server: its value, changes by the program, and the messages to subscribers.

use std::any::Any;
use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};

use tokio::sync::watch;

use crate::function::{ReplyText, ReplyTo, RpcFunction};
use crate::mutex::Mutex;
use crate::peer::Frame;
use crate::protocol::state::{Patch, StatePatched, StateUpdated};
use crate::state::error::MutateError;
use crate::state::options::StateOptions;
use crate::state::patch;
use crate::state::server::link::{StateLink, StoredValue, Storing};
use crate::state::server::ordered::Ordered;
use crate::state::server::refused::RefusedRequest;
use crate::state::server::topic::Topic;
use crate::state::shared_state::{Backend, SharedValue};
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds, follows_order};
use crate::state::text::{self, encode};
use crate::wire::{self, Encoding, Payload, js};

/// The settings that all states of a context share.
pub(crate) struct StateSettings {
    pub(crate) ids: SyncIdSource,
    /// Computes the fingerprints of values that clients may send back.
    pub(crate) hasher: RandomState,
    /// The largest value that a client may set, in bytes.
    pub(crate) state_bytes: usize,
    /// The largest value that the program may set, in bytes.
    pub(crate) frame_bytes: usize,
    /// The number of array elements that the patches of one change may move.
    pub(crate) patch_moves: usize,
    /// The link to the other processes, once there is one.
    pub(crate) link: std::sync::OnceLock<Arc<dyn StateLink>>,
    /// The record of changes, if there is an inspector.
    #[cfg(feature = "inspector")]
    pub(crate) history: std::sync::OnceLock<Arc<crate::state::server::history::StateHistory>>,
}

/// A shared state of a server, with its value.
pub(crate) struct ServerState<T> {
    pub(super) settings: Arc<StateSettings>,
    pub(super) topic: Arc<Topic>,
    pub(super) options: StateOptions,
    pub(super) values: watch::Sender<Arc<T>>,
    /// Locked by a change until it is queued for all subscribers.
    writer: Mutex<Writer>,
    /// Whether the state was deleted. Its changes are not sent any more.
    pub(super) deleted: AtomicBool,
    /// The description of the type of the value.
    #[cfg(feature = "typescript")]
    pub(super) describe: std::sync::OnceLock<crate::function::DescribeType>,
}

/// The part of a state that changes need.
pub(super) struct Writer {
    /// The value as structured-clone text. Shared with tasks that compute a change without the lock.
    pub(super) text: Arc<str>,
    /// The ids of the last changes that clients have made.
    pub(super) known: SyncIds,
    /// The place of the state in the order of all processes. `None` if this process has the state for itself.
    pub(super) ordered: Option<Ordered>,
}

/// A state, without the type of its value.
pub(crate) trait AnyState: Any + Send + Sync {
    fn type_name(&self) -> &'static str;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// Replies to a session that reads the value.
    fn reply(&self, session: u64, reply: &ReplyTo) -> ReplyText;

    fn value(&self) -> js::Value;

    /// Sets the value for a session: the arguments of [`SetState`](crate::protocol::state::SetState).
    fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), RefusedRequest>;

    /// Patches the value for a session: the arguments of [`PatchState`](crate::protocol::state::PatchState).
    fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), RefusedRequest>;

    fn delete(&self);

    /// Returns the next attempt to store the value for the other processes, with the revision that it replaces.
    fn unstored(&self, process: &str, by_client: bool) -> Option<(Option<u64>, u64, StoredValue)>;

    /// Returns a change that is not stored yet.
    fn storing(&self) -> Option<Storing>;

    /// Changes the place of the state in the order of all processes, if it has one.
    fn reorder(&self, change: &mut dyn FnMut(&mut Ordered));

    /// Takes the state's place in the order of all processes out, for the state that replaces this one.
    fn take_order(&self) -> Option<Ordered>;

    /// Takes a value that another process has stored.
    fn take_stored(&self, process: &str, revision: u64, value: &StoredValue);

    /// Returns the description of the type of the value, if there is one.
    #[cfg(feature = "typescript")]
    fn description(&self) -> Option<crate::function::DescribeType>;
}

/// The form in which a change is sent to subscribers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// The whole value.
    Whole,
    /// Patches, if the options of the state ask for them.
    Parts,
    /// The whole value, inside a patch if the options of the state ask for patches.
    Root,
}

impl<T: SharedValue> ServerState<T> {
    pub(crate) fn new(
        settings: Arc<StateSettings>,
        topic: Arc<Topic>,
        value: T,
        options: StateOptions,
    ) -> Result<Self, MutateError> {
        let text: Arc<str> = encode(&topic.key, &value, settings.frame_bytes)?.into();
        let ordered = (!options.per_process).then(|| Ordered::new(Arc::clone(&text)));
        Ok(Self {
            settings,
            topic,
            options,
            values: watch::Sender::new(Arc::new(value)),
            writer: Mutex::new(Writer {
                text,
                known: SyncIds::default(),
                ordered,
            }),
            deleted: AtomicBool::new(false),
            #[cfg(feature = "typescript")]
            describe: std::sync::OnceLock::new(),
        })
    }

    /// Sends the value to all subscribers.
    pub(crate) fn announce(&self) {
        let _writer = self.lock();
        let id = self.settings.ids.next();
        let value = Arc::clone(&self.values.borrow());
        if let Some(frame) = self.frame::<StateUpdated<T>, _>(&*value, &id) {
            self.topic.push(&frame, &id, None);
        }
    }

    /// Returns the text of the value.
    pub(super) fn text(&self) -> Arc<str> {
        Arc::clone(&self.lock().text)
    }

    /// Stores a value, and sends it to all subscribers.
    pub(super) fn commit(
        &self,
        writer: &mut Writer,
        value: T,
        text: String,
        notice: Notice,
        change: ChangeOrigin,
    ) {
        if change.author.is_some() {
            writer.known.remember(&change.id);
        }
        if change.is_own {
            self.note_change(writer, &change, notice);
        }
        let value = Arc::new(value);
        let replaced = self.values.send_replace(Arc::clone(&value));
        let old = std::mem::replace(&mut writer.text, text.into());
        #[cfg(feature = "inspector")]
        if let Some(history) = self.settings.history.get() {
            let (before, after) = (Arc::clone(&old), Arc::clone(&writer.text));
            history.add(&self.topic, change.author, before, after);
        }
        if self.deleted.load(Ordering::Acquire) || self.topic.is_empty() {
            return;
        }
        let hasher = &self.settings.hasher;
        self.topic
            .replaced(address(&replaced), || text::fingerprint(&old, hasher));
        let frame = if notice != Notice::Whole && self.options.patches {
            let patches = match notice {
                Notice::Parts => differences(&old, &writer.text),
                _ => None,
            };
            if let Some(patches) = patches {
                self.frame::<StatePatched, _>(&patches, &change.id)
            } else {
                let (op, path) = ("replace", []);
                let root = Root {
                    op,
                    path,
                    value: &*value,
                };
                self.frame::<StatePatched, _>(&[root], &change.id)
            }
        } else {
            self.frame::<StateUpdated<T>, _>(&*value, &change.id)
        };
        // A patch nests its value one level deeper than the value alone.
        let whole = || self.frame::<StateUpdated<T>, _>(&*value, &change.id);
        let Some(frame) = frame.or_else(whole) else {
            return;
        };
        let is_blind = self.topic.push(&frame, &change.id, change.author);
        match change.author {
            Some(author) if is_blind && !follows_order(&change.id) => {
                self.correct(author);
            }
            _ => {}
        }
    }

    /// Returns whether the change of this id was made already.
    ///
    /// Ids that the server has made are known however old they are. A slow client may send back a change after thousands of others, and
    /// its value would replace the newest one if the id was forgotten.
    pub(super) fn knows(&self, writer: &Writer, id: &str) -> bool {
        self.settings.ids.has_made(id) || writer.known.contains(id)
    }

    /// Sends a session the current value, because the session may have another one. The caller holds the lock.
    pub(super) fn correct(&self, session: u64) {
        let id = self.settings.ids.next();
        let value = Arc::clone(&self.values.borrow());
        if let Some(frame) = self.frame::<StateUpdated<T>, _>(&*value, &id) {
            self.topic.correct(session, &frame, &id);
        }
    }

    /// Encodes the frame of an event. The value could be encoded before, so a failure is rare, and is logged.
    fn frame<F: RpcFunction, V: serde::Serialize + ?Sized>(
        &self,
        what: &V,
        id: &SyncId,
    ) -> Option<Frame> {
        let arguments = (&*self.topic.key, what, &**id);
        let text = wire::request(Encoding::StructuredClone, F::NAME, &arguments, true, None);
        text.map(Frame::from)
            .inspect_err(|error| tracing::warn!(key = &*self.topic.key, %error, "a change could not be written for clients"))
            .ok()
    }

    /// Stores a value of the program, if it differs from the current one.
    fn take_own(&self, writer: &mut Writer, value: T, notice: Notice) -> Result<(), MutateError> {
        let text = encode(&self.topic.key, &value, self.settings.frame_bytes)?;
        if *text != *writer.text {
            let change = ChangeOrigin::of_program(self.settings.ids.next());
            self.commit(writer, value, text, notice, change);
        }
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock()
    }
}

/// Returns the address of a value, which distinguishes it from all other values as long as an `Arc` holds it.
pub(super) fn address<T>(value: &Arc<T>) -> usize {
    Arc::as_ptr(value).addr()
}

/// A change: its id and its author.
pub(super) struct ChangeOrigin {
    pub(super) id: SyncId,
    /// The session; `None` for the program itself.
    pub(super) author: Option<u64>,
    /// Whether the change was made in this process.
    pub(super) is_own: bool,
}

impl ChangeOrigin {
    pub(super) fn of_program(id: SyncId) -> Self {
        Self {
            id,
            author: None,
            is_own: true,
        }
    }
}

/// The patch that replaces the whole value.
#[derive(serde::Serialize)]
struct Root<'a, T> {
    op: &'static str,
    path: [(); 0],
    value: &'a T,
}

impl<T: SharedValue> Backend<T> for ServerState<T> {
    fn key(&self) -> &str {
        &self.topic.key
    }

    fn values(&self) -> &watch::Sender<Arc<T>> {
        &self.values
    }

    fn mutate(&self, change: &mut dyn FnMut(&mut T)) -> Result<(), MutateError> {
        let mut writer = self.lock();
        let mut value = T::clone(&self.values.borrow());
        change(&mut value);
        self.take_own(&mut writer, value, Notice::Parts)
    }

    fn set(&self, value: T) -> Result<(), MutateError> {
        self.take_own(&mut self.lock(), value, Notice::Root)
    }

    #[cfg(feature = "typescript")]
    fn keep_description(&self, describe: crate::function::DescribeType) {
        // All handles of a state have the same type, so the description never changes.
        let _ = self.describe.set(describe);
    }
}

/// Returns the patches that turn one text into the other. Returns `None` if subscribers must be sent the whole value.
fn differences(old: &str, new: &str) -> Option<Vec<Patch>> {
    // A text that is nested too deep to be read cannot be compared.
    let (before, after): (js::Value, js::Value) = (text::read(old).ok()?, text::read(new).ok()?);
    let patches = patch::between(&before, &after, new.len())?;
    // If the values differ only in ways that JavaScript cannot see, such as integers beyond 2^53, there are no patches.
    (!patches.is_empty()).then_some(patches)
}

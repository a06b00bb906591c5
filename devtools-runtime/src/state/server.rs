//! One shared state of a server.

use std::any::Any;
use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::function::{Outcome, ReplyTo, RpcFunction, read};
use crate::peer::Frame;
use crate::protocol::state::{Patch, PatchState, SetState, StatePatched, StateUpdated};
use crate::state::error::Refused;
use crate::state::handle::Backend;
use crate::state::patch::Moves;
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds, follows_order};
use crate::state::topic::Topic;
use crate::state::{MutateError, SharedValue, StateOptions, patch, text};
use crate::wire::{self, Encoding, Payload, js};

/// What all states of a context have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) ids: SyncIdSource,
    /// Makes the fingerprints of values that clients may send back.
    pub(crate) hasher: RandomState,
    /// How large a state may be that a client makes, in bytes.
    pub(crate) state_bytes: usize,
    /// How large any may be.
    pub(crate) frame_bytes: usize,
    /// How many elements of arrays the patches of one change may move.
    pub(crate) patch_moves: usize,
}

/// How often patches are applied without the lock before somebody else's change is waited for.
const ATTEMPTS: usize = 3;

/// A state with its value.
pub(crate) struct ServerState<T> {
    common: Arc<Common>,
    topic: Arc<Topic>,
    options: StateOptions,
    values: watch::Sender<Arc<T>>,
    /// Whoever changes the state holds this, until all subscribers are told.
    writer: Mutex<Writer>,
    /// Whether the state was deleted: nobody hears of it any more.
    deleted: AtomicBool,
    /// What the type of the value says of itself.
    #[cfg(feature = "typescript")]
    describe: std::sync::OnceLock<crate::function::DescribeType>,
}

struct Writer {
    /// The value as structured-clone text. Shared with whoever works out a change without the lock.
    text: Arc<str>,
    known: SyncIds,
}

/// A state, whatever its type.
pub(crate) trait AnyState: Any + Send + Sync {
    fn type_name(&self) -> &'static str;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// The reply to the call of a session that asks for the value.
    fn reply(&self, session: u64, reply: &ReplyTo) -> Outcome;

    fn value(&self) -> js::Value;

    /// Does what the arguments of [`SetState`] say, for a session.
    fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused>;

    /// Does what the arguments of [`PatchState`] say, for a session.
    fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused>;

    fn delete(&self);

    /// What the type of the value says of itself, if that is known.
    #[cfg(feature = "typescript")]
    fn description(&self) -> Option<crate::function::DescribeType>;
}

/// What those are told who hear of a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The value.
    Whole,
    /// What is different, if patches are wanted.
    Parts,
    /// The value, as a patch if patches are wanted.
    Root,
}

impl<T: SharedValue> ServerState<T> {
    pub(crate) fn new(
        common: Arc<Common>,
        topic: Arc<Topic>,
        value: T,
        options: StateOptions,
    ) -> Result<Self, MutateError> {
        let text = encode(&topic.key, &value, common.frame_bytes)?;
        Ok(Self {
            common,
            topic,
            options,
            values: watch::Sender::new(Arc::new(value)),
            writer: Mutex::new(Writer {
                text: text.into(),
                known: SyncIds::default(),
            }),
            deleted: AtomicBool::new(false),
            #[cfg(feature = "typescript")]
            describe: std::sync::OnceLock::new(),
        })
    }

    /// Tells everybody the value.
    pub(crate) fn announce(&self) {
        let mut writer = self.lock();
        let id = self.common.ids.next();
        writer.known.remember(&id);
        let value = Arc::clone(&self.values.borrow());
        if let Some(frame) = self.frame::<StateUpdated<T>, _>(&*value, &id) {
            self.topic.push(&frame, &id, None);
        }
    }

    /// The text of the value.
    fn text(&self) -> Arc<str> {
        Arc::clone(&self.lock().text)
    }

    /// Takes a value, and tells everybody.
    fn commit(&self, writer: &mut Writer, value: T, text: String, told: Told, change: Change) {
        writer.known.remember(&change.id);
        let value = Arc::new(value);
        let replaced = self.values.send_replace(Arc::clone(&value));
        let old = std::mem::replace(&mut writer.text, text.into());
        if self.deleted.load(Ordering::Acquire) || self.topic.is_empty() {
            return;
        }
        let hasher = &self.common.hasher;
        self.topic
            .replaced(address(&replaced), || text::fingerprint(&old, hasher));
        let frame = if told != Told::Whole && self.options.patches {
            let patches = match told {
                Told::Parts => differences(&old, &writer.text),
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
        // A patch nests its value deeper than the value alone is.
        let whole = || self.frame::<StateUpdated<T>, _>(&*value, &change.id);
        let Some(frame) = frame.or_else(whole) else {
            return;
        };
        let is_blind = self.topic.push(&frame, &change.id, change.author);
        match change.author {
            Some(author) if is_blind && !follows_order(&change.id) => {
                self.correct(writer, author);
            }
            _ => {}
        }
    }

    /// Tells a session what the value is, because it may believe something else.
    fn correct(&self, writer: &mut Writer, session: u64) {
        let id = self.common.ids.next();
        writer.known.remember(&id);
        let value = Arc::clone(&self.values.borrow());
        if let Some(frame) = self.frame::<StateUpdated<T>, _>(&*value, &id) {
            self.topic.correct(session, &frame, &id);
        }
    }

    /// The frame that says so. What could be written once can be written again, so there mostly is one.
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

    /// Takes a value of the program's, if it is another one.
    fn take_own(&self, writer: &mut Writer, value: T, told: Told) -> Result<(), MutateError> {
        let text = encode(&self.topic.key, &value, self.common.frame_bytes)?;
        if *text != *writer.text {
            let id = self.common.ids.next();
            self.commit(writer, value, text, told, Change { id, author: None });
        }
        Ok(())
    }

    /// Checks what a client wants the value to be, and gives it with its text. Needs no lock.
    fn wanted(&self, value: T) -> Result<(T, String), Refused> {
        let text = encode(&self.topic.key, &value, self.common.frame_bytes)?;
        let limit = self.common.state_bytes;
        if text.len() > limit {
            let size = text.len();
            return Err(Refused::TooLarge { size, limit });
        }
        Ok((value, text))
    }

    /// The value of a text after changes of its parts, with its own text. Needs no lock.
    fn patched(&self, old: &str, patches: &[Patch]) -> Result<(T, String), Refused> {
        let mut value = text::any(old);
        patch::apply(&mut value, patches, Moves::new(self.common.patch_moves))?;
        let unreadable = |error: &dyn std::fmt::Display| Refused::Patched(error.to_string());
        let text = text::write(&value).map_err(|error| unreadable(&error))?;
        let value = text::read(&text).map_err(|error| unreadable(&error))?;
        self.wanted(value)
    }

    /// Whether a client only sends back what it was told when it asked for the value, although the value is another by now.
    ///
    /// Clients of the ecosystem up to 1.3.0 do so: the change in between would be lost. They are told of that change, and
    /// send its id back once they have seen it; so a session that has done that means what it sends. Clients that keep
    /// to the server's order send nothing back.
    fn is_outdated(&self, text: &str, session: u64, id: &SyncId) -> bool {
        let told = self.topic.take_outdated(session);
        let sends_back = told.filter(|_| !follows_order(id));
        sends_back.is_some_and(|told| told == text::fingerprint(text, &self.common.hasher))
    }

    fn read_only(&self) -> Refused {
        Refused::ReadOnly(self.topic.key.to_string())
    }

    /// Whether the change of this id is made already, as when a JavaScript client sends back what it was told.
    fn is_echo(&self, id: &Result<Option<String>, Refused>, session: u64) -> bool {
        let Ok(Some(id)) = id else { return false };
        let is_known = self.lock().known.contains(id);
        if is_known {
            self.topic.seen(session, id);
        }
        is_known
    }

    /// Does what a client wants, unless it is done already. If it is refused the client is told what the value is.
    fn change(
        &self,
        id: Result<Option<String>, Refused>,
        session: u64,
        change: impl FnOnce(&mut Writer, Change) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let mut writer = self.lock();
        let changed = id.and_then(|id| {
            let id = match id {
                Some(id) => checked(id)?,
                None => self.common.ids.next(),
            };
            if writer.known.contains(&id) {
                self.topic.seen(session, &id);
                return Ok(());
            }
            let author = Some(session);
            change(&mut writer, Change { id, author })
        });
        if changed.is_err() {
            self.correct(&mut writer, session);
        }
        changed
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        // Whatever panics does so before the value is replaced.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number that tells a value from those before and after it, as long as somebody holds it.
fn address<T>(value: &Arc<T>) -> usize {
    Arc::as_ptr(value).addr()
}

/// Who has made a change, and which.
struct Change {
    id: SyncId,
    /// The session; `None` for the program itself.
    author: Option<u64>,
}

/// The patch that replaces everything.
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
        self.take_own(&mut writer, value, Told::Parts)
    }

    fn set(&self, value: T) -> Result<(), MutateError> {
        self.take_own(&mut self.lock(), value, Told::Root)
    }

    #[cfg(feature = "typescript")]
    fn keep_description(&self, describe: crate::function::DescribeType) {
        // Of one type it is always the same.
        let _ = self.describe.set(describe);
    }
}

impl<T: SharedValue> AnyState for ServerState<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn reply(&self, session: u64, reply: &ReplyTo) -> Outcome {
        let mut value = Arc::clone(&self.values.borrow());
        loop {
            self.topic.got(session, address(&value));
            // A change in between would not have found what the session gets.
            let now = Arc::clone(&self.values.borrow());
            if Arc::ptr_eq(&value, &now) {
                return reply.success(Encoding::StructuredClone, &*value);
            }
            value = now;
        }
    }

    fn value(&self) -> js::Value {
        text::any(&self.text())
    }

    fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (id, value) = match read::<SetState<T>>(arguments) {
            Ok((_, value, id)) => (Ok(id), Some(value)),
            Err(misfit) => (Err(misfit.into()), None),
        };
        if self.is_echo(&id, session) {
            return Ok(());
        }
        let wanted = value.map(|value| self.wanted(value));
        self.change(id, session, |writer, change| {
            let Some((value, text)) = wanted.transpose()? else {
                return Ok(());
            };
            if self.is_outdated(&text, session, &change.id) {
                writer.known.remember(&change.id);
                self.correct(writer, session);
            } else if !self.options.read_only {
                self.commit(writer, value, text, Told::Whole, change);
            } else if *text != *writer.text {
                return Err(self.read_only());
            }
            Ok(())
        })
    }

    fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (id, patches) = match read::<PatchState>(arguments) {
            Ok((_, patches, id)) => (Ok(id), patches),
            Err(misfit) => (Err(misfit.into()), Vec::new()),
        };
        if self.is_echo(&id, session) {
            return Ok(());
        }
        if self.options.read_only {
            return self.change(id, session, |_, _| Err(self.read_only()));
        }
        // Nobody waits while the change is worked out, unless others change the state again and again.
        let mut old = self.text();
        let mut changed = self.patched(&old, &patches);
        for _ in 1..ATTEMPTS {
            let now = self.text();
            if Arc::ptr_eq(&old, &now) {
                break;
            }
            changed = self.patched(&now, &patches);
            old = now;
        }
        self.change(id, session, |writer, change| {
            let (value, text) = if Arc::ptr_eq(&old, &writer.text) {
                changed?
            } else {
                self.patched(&writer.text, &patches)?
            };
            self.commit(writer, value, text, Told::Whole, change);
            Ok(())
        })
    }

    fn delete(&self) {
        // Whoever changes the state now is waited for, so that nobody hears of it later.
        let _writer = self.lock();
        self.deleted.store(true, Ordering::Release);
    }

    #[cfg(feature = "typescript")]
    fn description(&self) -> Option<crate::function::DescribeType> {
        self.describe.get().copied()
    }
}

/// The patches that make one text of the other. `None` if the value has to be told as a whole.
fn differences(old: &str, new: &str) -> Option<Vec<Patch>> {
    // A text that is too deep to be read is told from no other.
    let (before, after): (js::Value, js::Value) = (text::read(old).ok()?, text::read(new).ok()?);
    let patches = patch::between(&before, &after, new.len())?;
    // Where they differ in what JavaScript cannot see, such as integers beyond 2^53, there are no patches.
    (!patches.is_empty()).then_some(patches)
}

/// The text of a value that can be sent.
pub(crate) fn encode<T: SharedValue>(
    key: &str,
    value: &T,
    limit: usize,
) -> Result<String, MutateError> {
    let text = text::write(value).map_err(|error| MutateError::Encode {
        key: key.to_owned(),
        source: error.into(),
    })?;
    if text.len() > limit {
        return Err(MutateError::TooLarge {
            key: key.to_owned(),
            size: text.len(),
            limit,
        });
    }
    Ok(text)
}

/// An id that is worth remembering a thousand of.
fn checked(id: String) -> Result<SyncId, Refused> {
    const LIMIT: usize = 128;
    if id.len() > LIMIT {
        let (what, limit) = ("syncId", LIMIT);
        return Err(Refused::TooLong { what, limit });
    }
    Ok(id.into())
}

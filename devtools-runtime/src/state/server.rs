//! One shared state of a server.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::function::{Outcome, ReplyTo, RpcFunction, read};
use crate::peer::Frame;
use crate::protocol::state::{Patch, PatchState, SetState, StatePatched, StateUpdated};
use crate::state::error::Refused;
use crate::state::handle::Backend;
use crate::state::sync_ids::{SyncId, SyncIdSource, SyncIds, follows_order};
use crate::state::topic::Topic;
use crate::state::{MutateError, SharedValue, patch, text};
use crate::wire::{self, Encoding, Payload, js};

/// What all states of a context have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) ids: SyncIdSource,
    /// How large a state may be that a client makes, in bytes.
    pub(crate) state_bytes: usize,
    /// How large any may be.
    pub(crate) frame_bytes: usize,
}

/// A state with its value.
pub(crate) struct ServerState<T> {
    common: Arc<Common>,
    topic: Arc<Topic>,
    /// Whether clients are told of changes by the program as patches.
    patches: bool,
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
    /// The value as structured-clone text.
    text: String,
    known: SyncIds,
}

/// A state, whatever its type.
pub(crate) trait AnyState: Any + Send + Sync {
    fn type_name(&self) -> &'static str;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// The reply to a call that asks for the value.
    fn reply(&self, reply: &ReplyTo) -> Outcome;

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
        patches: bool,
    ) -> Result<Self, MutateError> {
        let text = encode(&topic.key, &value, common.frame_bytes)?;
        Ok(Self {
            common,
            topic,
            patches,
            values: watch::Sender::new(Arc::new(value)),
            writer: Mutex::new(Writer {
                text,
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
    fn text(&self) -> String {
        self.lock().text.clone()
    }

    /// Takes a value, and tells everybody.
    fn commit(&self, writer: &mut Writer, value: T, text: String, told: Told, change: Change) {
        writer.known.remember(&change.id);
        let value = Arc::new(value);
        self.values.send_replace(Arc::clone(&value));
        let old = std::mem::replace(&mut writer.text, text);
        if self.deleted.load(Ordering::Acquire) || self.topic.is_empty() {
            return;
        }
        let frame = if told != Told::Whole && self.patches {
            let patches = match told {
                Told::Parts => patch::between(&text::any(&old), &text::any(&writer.text)),
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
        let Some(frame) = frame else { return };
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
            .inspect_err(|error| tracing::warn!(key = &*self.topic.key, %error, "clients are not told of a change"))
            .ok()
    }

    /// Takes a value of the program's, if it is another one.
    fn take_own(&self, writer: &mut Writer, value: T, told: Told) -> Result<(), MutateError> {
        let text = encode(&self.topic.key, &value, self.common.frame_bytes)?;
        if text != writer.text {
            let id = self.common.ids.next();
            self.commit(writer, value, text, told, Change { id, author: None });
        }
        Ok(())
    }

    /// Checks what a client wants the value to be, and takes it.
    fn take(&self, writer: &mut Writer, value: T, change: Change) -> Result<(), Refused> {
        let text = encode(&self.topic.key, &value, self.common.frame_bytes)?;
        let limit = self.common.state_bytes;
        if text.len() > limit {
            let size = text.len();
            return Err(Refused::TooLarge { size, limit });
        }
        self.commit(writer, value, text, Told::Whole, change);
        Ok(())
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

    fn reply(&self, reply: &ReplyTo) -> Outcome {
        let value = Arc::clone(&self.values.borrow());
        reply.success(Encoding::StructuredClone, &*value)
    }

    fn value(&self) -> js::Value {
        text::any(&self.text())
    }

    fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (id, value) = match read::<SetState<T>>(arguments) {
            Ok((_, value, id)) => (Ok(id), Some(value)),
            Err(misfit) => (Err(misfit.into()), None),
        };
        self.change(id, session, |writer, change| match value {
            Some(value) => self.take(writer, value, change),
            None => Ok(()),
        })
    }

    fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), Refused> {
        let (id, patches) = match read::<PatchState>(arguments) {
            Ok((_, patches, id)) => (Ok(id), patches),
            Err(misfit) => (Err(misfit.into()), Vec::new()),
        };
        self.change(id, session, |writer, change| {
            let value = patched::<T>(&writer.text, &patches)?;
            self.take(writer, value, change)
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

/// The value of a text after changes of its parts.
fn patched<T: SharedValue>(old: &str, patches: &[Patch]) -> Result<T, Refused> {
    let mut value = text::any(old);
    patch::apply(&mut value, patches)?;
    let unreadable = |error: &dyn std::fmt::Display| Refused::Patched(error.to_string());
    let text = text::write(&value).map_err(|error| unreadable(&error))?;
    text::read(&text).map_err(|error| unreadable(&error))
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

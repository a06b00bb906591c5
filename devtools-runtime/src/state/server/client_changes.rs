//! Changes of a shared state by clients: each is checked, and made unless it is outdated or refused.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::function::{ReplyText, ReplyTo, read};
use crate::protocol::state::{Patch, PatchState, SetState};
use crate::state::patch::{self, Moves};
use crate::state::server::link::{StoredValue, Storing};
use crate::state::server::ordered::Ordered;
use crate::state::server::refused::RefusedRequest;
use crate::state::server::state::{AnyState, ChangeOrigin, Notice, ServerState, Writer, address};
use crate::state::shared_state::SharedValue;
use crate::state::sync_ids::{SyncId, follows_order};
use crate::state::text::{self, encode};
use crate::wire::{Encoding, Payload, js};

/// The number of attempts to apply patches without the lock. After these, they are applied under the lock.
const ATTEMPTS: usize = 3;

impl<T: SharedValue> ServerState<T> {
    /// Checks a value that a client sets, and returns it with its text. Needs no lock.
    fn wanted(&self, value: T) -> Result<(T, String), RefusedRequest> {
        let text = encode(&self.topic.key, &value, self.settings.frame_bytes)?;
        let limit = self.settings.state_bytes;
        if text.len() > limit {
            let size = text.len();
            return Err(RefusedRequest::TooLarge { size, limit });
        }
        Ok((value, text))
    }

    /// Applies patches to the value of a text, and returns the new value with its text. Needs no lock.
    fn patched(&self, old: &str, patches: &[Patch]) -> Result<(T, String), RefusedRequest> {
        let mut value = text::any(old);
        patch::apply(&mut value, patches, Moves::new(self.settings.patch_moves))?;
        let unreadable = |error: &dyn std::fmt::Display| RefusedRequest::Patched(error.to_string());
        let text = text::write(&value).map_err(|error| unreadable(&error))?;
        let value = text::read(&text).map_err(|error| unreadable(&error))?;
        self.wanted(value)
    }

    /// Returns whether a client only sends back the value that it has read, although the value has changed since.
    ///
    /// Clients of the ecosystem up to version 1.3.0 do so, and the change in between would be lost. They are sent that
    /// change, and echo its id when they have seen it. A value that they send after the echo is a real change. Clients that
    /// follow the server's order never send a value back.
    fn is_outdated(&self, text: &str, session: u64, id: &SyncId) -> bool {
        let told = self.topic.take_outdated(session);
        let sends_back = told.filter(|_| !follows_order(id));
        sends_back.is_some_and(|told| told == text::fingerprint(text, &self.settings.hasher))
    }

    fn read_only(&self) -> RefusedRequest {
        RefusedRequest::ReadOnly(self.topic.key.to_string())
    }

    /// Returns whether the change of this id was made already, as when a JavaScript client sends back a change that it has
    /// received.
    fn is_echo(&self, id: &Result<Option<String>, RefusedRequest>, session: u64) -> bool {
        let Ok(Some(id)) = id else { return false };
        let is_known = self.knows(&self.lock(), id);
        if is_known {
            self.topic.seen(session, id);
        }
        is_known
    }

    /// Makes a change of a client, unless it was made already. If the change is refused, the client receives the current
    /// value.
    fn change(
        &self,
        id: Result<Option<String>, RefusedRequest>,
        session: u64,
        change: impl FnOnce(&mut Writer, ChangeOrigin) -> Result<(), RefusedRequest>,
    ) -> Result<(), RefusedRequest> {
        let mut writer = self.lock();
        let changed = id.and_then(|id| {
            let id = match id {
                Some(id) if self.knows(&writer, &id) => {
                    self.topic.seen(session, &id);
                    return Ok(());
                }
                Some(id) => checked(id)?,
                None => self.settings.ids.next(),
            };
            let change_of_session = ChangeOrigin {
                id,
                author: Some(session),
                is_own: true,
            };
            change(&mut writer, change_of_session)
        });
        if changed.is_err() {
            self.correct(session);
        }
        changed
    }
}

impl<T: SharedValue> AnyState for ServerState<T> {
    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn reply(&self, session: u64, reply: &ReplyTo) -> ReplyText {
        let value = {
            // A change holds this lock until it is queued for the subscribers. So the reply comes behind every change that the
            // value contains, and a subscriber does not apply a change twice.
            let _writer = self.lock();
            let value = Arc::clone(&self.values.borrow());
            self.topic.read(session, address(&value));
            value
        };
        reply.success(Encoding::StructuredClone, &*value)
    }

    fn value(&self) -> js::Value {
        text::any(&self.text())
    }

    fn set(&self, arguments: Payload<'_>, session: u64) -> Result<(), RefusedRequest> {
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
                self.correct(session);
            } else if !self.options.read_only {
                self.commit(writer, value, text, Notice::Whole, change);
            } else if *text != *writer.text {
                return Err(self.read_only());
            }
            Ok(())
        })
    }

    fn patch(&self, arguments: Payload<'_>, session: u64) -> Result<(), RefusedRequest> {
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
        // The patches are applied without the lock, unless other changes interrupt this repeatedly.
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
            self.commit(writer, value, text, Notice::Whole, change);
            Ok(())
        })
    }

    fn delete(&self) {
        // Waits for a change that is being made, so that no subscriber receives it after the deletion.
        let _writer = self.lock();
        self.deleted.store(true, Ordering::Release);
    }

    fn unstored(&self, process: &str, by_client: bool) -> Option<(Option<u64>, u64, StoredValue)> {
        self.attempt(process, by_client)
    }

    fn storing(&self) -> Option<Storing> {
        self.unstored_change()
    }

    fn reorder(&self, change: &mut dyn FnMut(&mut Ordered)) {
        if let Some(ordered) = &mut self.lock().ordered {
            change(ordered);
        }
    }

    fn take_order(&self) -> Option<Ordered> {
        self.lock().ordered.take()
    }

    fn take_stored(&self, process: &str, revision: u64, value: &StoredValue) {
        self.take(process, revision, value);
    }

    #[cfg(feature = "typescript")]
    fn description(&self) -> Option<crate::function::DescribeType> {
        self.describe.get().copied()
    }
}

/// Checks the length of an id, because a thousand ids are stored.
fn checked(id: String) -> Result<SyncId, RefusedRequest> {
    const LIMIT: usize = 128;
    if id.len() > LIMIT {
        let (what, limit) = ("syncId", LIMIT);
        return Err(RefusedRequest::TooLong { what, limit });
    }
    Ok(id.into())
}

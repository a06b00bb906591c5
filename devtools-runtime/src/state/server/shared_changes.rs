//! Changes of a shared state by other processes, and the changes of this process that the others must know.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::state::server::link::{StoredFacts, StoredOptions, StoredValue, Storing};
use crate::state::server::ordered::Ordered;
use crate::state::server::state::{ChangeOrigin, Notice, ServerState, Writer};
use crate::state::shared_state::SharedValue;
use crate::state::text::{self, encode};

impl<T: SharedValue> ServerState<T> {
    /// Notes a change by this process, which the other processes are told of.
    pub(super) fn note_change(&self, writer: &mut Writer, change: &ChangeOrigin, notice: Notice) {
        let Some(ordered) = &mut writer.ordered else {
            return;
        };
        let id = change.author.map(|_| &change.id);
        ordered.note_change(id, notice != Notice::Parts);
        self.tell_link();
    }

    /// Tells the link that the store does not have the current value of the state.
    pub(super) fn tell_link(&self) {
        if let Some(link) = self.settings.link.get().filter(|link| !link.is_alone()) {
            link.changed(&self.topic.key);
        }
    }

    /// Takes over the place in the order of all processes from a state that this one replaces. `is_kept` says whether
    /// this state has the value of that one.
    pub(super) fn keep_order(&self, order: Option<Ordered>, is_kept: bool) {
        let writer = &mut *self.lock();
        let (Some(own), Some(mut order)) = (&mut writer.ordered, order) else {
            return;
        };
        order.replace_text(&writer.text, is_kept);
        *own = order;
    }

    /// Begins with a value that another process has stored.
    pub(super) fn begin_at(&self, revision: u64, facts: &StoredFacts) {
        let writer = &mut *self.lock();
        writer.ordered = Some(Ordered::at(Arc::clone(&writer.text), revision, facts));
    }

    /// Returns the next attempt to store the value, with the revision that it replaces.
    pub(super) fn attempt(
        &self,
        process: &str,
        by_client: bool,
    ) -> Option<(Option<u64>, u64, StoredValue)> {
        let writer = &mut *self.lock();
        if self.deleted.load(Ordering::Acquire) {
            return None;
        }
        let ordered = writer.ordered.as_mut()?;
        let facts = StoredFacts {
            by_client,
            options: StoredOptions {
                patches: self.options.patches,
                read_only: self.options.read_only,
            },
            ..StoredFacts::default()
        };
        let expected = ordered.revision;
        let (number, value) = ordered.attempt(process, &writer.text, facts)?;
        Some((expected, number, value))
    }

    /// Returns the last change by this process, if it is not stored and there are other processes.
    pub(super) fn unstored_change(&self) -> Option<Storing> {
        self.settings.link.get().filter(|link| !link.is_alone())?;
        let writer = self.lock();
        let ordered = writer.ordered.as_ref().filter(|it| it.is_unstored())?;
        let (change, progress) = ordered.storing();
        Some(Storing { change, progress })
    }

    /// Takes a value that another process has stored, and sends it to the subscribers.
    pub(super) fn take(&self, process: &str, revision: u64, value: &StoredValue) {
        let read = |text: &str| -> Result<(T, Arc<str>), crate::function::BoxError> {
            let value: T = text::read(text)?;
            let text = encode(&self.topic.key, &value, self.settings.frame_bytes)?;
            Ok((value, text.into()))
        };
        let stored = read(&value.text);
        let writer = &mut *self.lock();
        let Some(ordered) = &mut writer.ordered else {
            return;
        };
        let (stored, text) = match stored {
            Ok(stored) => stored,
            Err(error) => {
                ordered.skip(revision);
                tracing::warn!(
                    key = &*self.topic.key,
                    error = &*error as &dyn std::error::Error,
                    "the value of another process is not of the type that the shared state has here, and is skipped: do all processes run the same version?"
                );
                return;
            }
        };
        let (facts, moves) = (&value.facts, self.settings.patch_moves);
        let own = Arc::clone(&writer.text);
        let theirs = ordered.take(process, revision, facts, &own, &text, moves);
        if ordered.is_unstored() {
            self.tell_link();
        }
        let Some(theirs) = theirs else {
            return;
        };
        let taken = if theirs.is_merged {
            // Changes that cannot be applied to the value of the other process replace it.
            read(&theirs.text).ok()
        } else {
            Some((stored, text))
        };
        for id in &facts.ids {
            writer.known.remember(&id.as_str().into());
        }
        let Some((taken, text)) = taken.filter(|(_, text)| **text != *own) else {
            return;
        };
        let notice = if facts.is_patched && !theirs.is_merged {
            Notice::Parts
        } else {
            Notice::Whole
        };
        let change = ChangeOrigin {
            id: self.settings.ids.next(),
            author: None,
            is_own: false,
        };
        self.commit(writer, taken, text.to_string(), notice, change);
    }
}

//! The place of a shared state in the order of changes that all processes agree on.
//!
//! Each process applies its own changes at once, and stores the result if no other process has stored a value meanwhile. If one has, the changes of
//! this process are applied to that value, and the result is stored. A stored value names the changes that it contains, so a process whose attempt
//! got no answer knows later whether it was stored.

use std::sync::Arc;

use tokio::sync::watch;

use crate::state::patch::{self, Moves};
use crate::state::server::link::{StoredFacts, StoredProgress, StoredValue};
use crate::state::sync_ids::SyncId;
use crate::state::text;
use crate::wire::js;

/// The number of ids of clients' changes that are stored with a value.
const IDS: usize = 256;

/// The number of processes that are stored with a value.
const AUTHORS: usize = 64;

/// The place of a state in the order of all processes.
pub(crate) struct Ordered {
    /// The revision of the stored value. `None` if there is no stored value.
    pub(super) revision: Option<u64>,
    /// The newest revision that this process knows, also of a removal.
    pub(super) seen: u64,
    /// The stored value as this process would write it. The initial value if there is no stored value.
    pub(super) base: Arc<str>,
    /// Whether this process has changes that the stored value does not contain.
    pub(super) is_changed: bool,
    /// The attempt to store a value whose end is not known.
    saving: Option<Saving>,
    /// The number of the last attempt.
    attempts: u64,
    /// The processes whose changes the stored value contains, and the number of each one's last attempt.
    authors: Vec<(String, u64)>,
    /// The number of changes by this process. The creation of the state counts as one.
    changes: u64,
    /// The ids of the changes by clients that are not stored.
    ids: Vec<SyncId>,
    /// Whether one of the changes that are not stored is sent to clients as a whole value.
    is_whole: bool,
    progress: watch::Sender<StoredProgress>,
}

struct Saving {
    number: u64,
    value: StoredValue,
    /// The changes by this process that the value contains.
    changes: u64,
    ids: Vec<SyncId>,
}

/// The value of another process, as it reaches this one.
pub(super) struct Theirs {
    /// The text that the state gets.
    pub(super) text: Arc<str>,
    /// Whether the text contains changes of this process that are not stored.
    pub(super) is_merged: bool,
}

impl Ordered {
    pub(super) fn new(base: Arc<str>) -> Self {
        Self {
            revision: None,
            seen: 0,
            base,
            is_changed: false,
            saving: None,
            attempts: 0,
            authors: Vec::new(),
            changes: 1,
            ids: Vec::new(),
            is_whole: false,
            progress: watch::Sender::default(),
        }
    }

    /// Begins with a value that another process has stored.
    pub(super) fn at(base: Arc<str>, revision: u64, facts: &StoredFacts) -> Self {
        Self {
            revision: Some(revision),
            seen: revision,
            authors: facts.authors.clone(),
            changes: 0,
            ..Self::new(base)
        }
    }

    /// Notes a change by this process. `id` is that of a client.
    pub(super) fn note_change(&mut self, id: Option<&SyncId>, is_whole: bool) {
        self.changes += 1;
        self.is_changed = true;
        self.is_whole |= is_whole;
        if let Some(id) = id {
            if self.ids.len() == IDS {
                self.ids.remove(0);
            }
            self.ids.push(Arc::clone(id));
        }
    }

    /// Notes that the state has another text from now on. `is_kept` says whether the text still stands for the same
    /// value.
    pub(super) fn replace_text(&mut self, text: &Arc<str>, is_kept: bool) {
        if !is_kept {
            self.note_change(None, true);
        } else if !self.is_unstored() {
            self.base = Arc::clone(text);
        }
    }

    pub(super) fn is_unstored(&self) -> bool {
        self.is_changed || self.revision.is_none() || self.saving.is_some()
    }

    /// Returns the number of changes so far, and a receiver of those that are stored.
    pub(super) fn storing(&self) -> (u64, watch::Receiver<StoredProgress>) {
        (self.changes, self.progress.subscribe())
    }

    /// Returns the next attempt to store the value `text`, or the last attempt if its end is not known. Returns
    /// `None` if the value is stored.
    pub(super) fn attempt(
        &mut self,
        process: &str,
        text: &Arc<str>,
        facts: StoredFacts,
    ) -> Option<(u64, StoredValue)> {
        if !self.is_unstored() {
            return None;
        }
        if self.saving.is_none() {
            self.attempts += 1;
            let ids = std::mem::take(&mut self.ids);
            let mut authors = vec![(process.to_owned(), self.attempts)];
            let others = self.authors.iter().filter(|(name, _)| name != process);
            authors.extend(others.cloned());
            authors.truncate(AUTHORS);
            let value = StoredValue {
                text: Arc::clone(text),
                facts: StoredFacts {
                    authors,
                    ids: ids.iter().map(ToString::to_string).collect(),
                    is_patched: !self.is_whole,
                    ..facts
                },
            };
            self.saving = Some(Saving {
                number: self.attempts,
                value,
                changes: self.changes,
                ids,
            });
            self.is_changed = false;
            self.is_whole = false;
        }
        let saving = self.saving.as_ref()?;
        Some((saving.number, saving.value.clone()))
    }

    /// Returns the revision of the stored value. Returns 0 if the value may be stored under a revision that is not
    /// known, and `None` if it is not stored.
    pub(super) fn last_revision(&self) -> Option<u64> {
        self.revision.or(self.saving.as_ref().map(|_| 0))
    }

    /// Notes that an attempt has succeeded.
    pub(super) fn stored(&mut self, number: u64, revision: u64) {
        if let Some(saving) = self.saving.take_if(|it| it.number == number) {
            self.seen = self.seen.max(revision);
            self.revision = Some(revision);
            self.contain(saving);
        }
    }

    /// Notes that the backplane will never store this value. The next attempt stores the value that the state has by
    /// then.
    pub(super) fn refused(&mut self, number: u64, reason: &str) {
        if let Some(saving) = self.saving.take_if(|it| it.number == number) {
            let until = saving.changes;
            self.take_back(saving);
            self.progress
                .send_modify(|it| it.refused = Some((until, reason.into())));
        }
    }

    /// Takes the value that another process, or this one, has stored, unless it is older than the known one. `own` is
    /// the text of the state, and `text` is the stored value as this process writes it.
    pub(super) fn take(
        &mut self,
        process: &str,
        revision: u64,
        facts: &StoredFacts,
        own: &Arc<str>,
        text: &Arc<str>,
        moves: usize,
    ) -> Option<Theirs> {
        if revision <= self.seen {
            return None;
        }
        self.seen = revision;
        self.revision = Some(revision);
        if let Some(saving) = self.saving.take() {
            let contained = facts.authors.iter().find(|(name, _)| name == process);
            if contained.is_some_and(|(_, number)| *number >= saving.number) {
                self.contain(saving);
            } else {
                // Another value was stored in the place that the attempt was for, so the attempt cannot succeed any
                // more.
                self.take_back(saving);
            }
        }
        self.authors.clone_from(&facts.authors);
        let is_own = facts
            .authors
            .first()
            .is_some_and(|(name, _)| name == process);
        if is_own {
            return None;
        }
        let base = std::mem::replace(&mut self.base, Arc::clone(text));
        let merged = if self.is_changed && *base != **own {
            merge(&base, own, text, moves)
        } else {
            Arc::clone(text)
        };
        // If nothing differs, the stored value contains the changes of this process.
        self.is_changed = *merged != **text;
        if !self.is_changed {
            let stored = self.changes;
            self.progress.send_modify(|it| it.stored = stored);
        }
        Some(Theirs {
            text: merged,
            is_merged: self.is_changed,
        })
    }

    /// Notes a stored value that this process cannot read. The process keeps its own value, and stores it only if it
    /// changes again.
    pub(super) fn skip(&mut self, revision: u64) {
        if revision > self.seen {
            self.removed(revision);
            self.revision = Some(revision);
            self.is_changed = false;
            let lost = (
                self.changes,
                "another process has stored a value of another type".into(),
            );
            self.progress.send_modify(|it| it.refused = Some(lost));
        }
    }

    /// Notes that the stored value was removed.
    pub(super) fn removed(&mut self, revision: u64) {
        self.seen = self.seen.max(revision);
        self.revision = None;
        if let Some(saving) = self.saving.take() {
            self.take_back(saving);
        }
    }

    /// Notes that the backplane has lost all values.
    pub(super) fn reset(&mut self) {
        self.removed(0);
        self.seen = 0;
    }

    /// Notes that the stored value contains an attempt.
    fn contain(&mut self, saving: Saving) {
        self.base = saving.value.text;
        self.authors = saving.value.facts.authors;
        let stored = saving.changes;
        self.progress
            .send_modify(|it| it.stored = it.stored.max(stored));
    }

    fn take_back(&mut self, saving: Saving) {
        self.is_changed = true;
        self.is_whole |= !saving.value.facts.is_patched;
        let later = std::mem::replace(&mut self.ids, saving.ids);
        self.ids.extend(later);
        let surplus = self.ids.len().saturating_sub(IDS);
        self.ids.drain(..surplus);
    }
}

/// Applies the changes between `base` and `own` to `theirs`. If they cannot be applied, the result is `own`, because
/// its changes came last.
fn merge(base: &str, own: &Arc<str>, theirs: &str, moves: usize) -> Arc<str> {
    let merged = || {
        let (before, after): (js::Value, js::Value) =
            (text::read(base).ok()?, text::read(own).ok()?);
        let patches = patch::between(&before, &after, own.len())?;
        let mut value = text::read(theirs).ok()?;
        patch::apply(&mut value, &patches, Moves::new(moves)).ok()?;
        text::write(&value).ok()
    };
    merged().map_or_else(|| Arc::clone(own), Arc::from)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Ordered, StoredFacts, StoredValue};
    use crate::state::text;

    fn text(value: &[u32]) -> Arc<str> {
        text::write(&value).unwrap().into()
    }

    /// The next attempt of a process whose state has this value.
    fn attempt(order: &mut Ordered, process: &str, value: &[u32]) -> (u64, StoredValue) {
        let facts = StoredFacts::default();
        order.attempt(process, &text(value), facts).unwrap()
    }

    /// Takes a stored value. Returns the value of the state after it, and whether it has changes that are not stored.
    fn take(
        order: &mut Ordered,
        process: &str,
        revision: u64,
        stored: &StoredValue,
        own: &[u32],
    ) -> Option<(Vec<u32>, bool)> {
        let (facts, moves) = (&stored.facts, 1000);
        let theirs = order.take(process, revision, facts, &text(own), &stored.text, moves)?;
        Some((text::read(&theirs.text).unwrap(), theirs.is_merged))
    }

    #[test]
    fn a_value_that_two_processes_begin_with_is_no_change_of_either() {
        let (mut one, mut two) = (Ordered::new(text(&[1])), Ordered::new(text(&[1])));
        let (number, first) = attempt(&mut one, "one", &[1]);
        attempt(&mut two, "two", &[1]);
        one.stored(number, 1);
        assert!(!one.is_unstored());
        assert_eq!(
            take(&mut two, "two", 1, &first, &[1]),
            Some((vec![1], false))
        );
        assert!(!two.is_unstored());
        // Their first changes are patches, and reach the other as such.
        one.note_change(None, false);
        let (_, changed) = attempt(&mut one, "one", &[1, 2]);
        assert!(changed.facts.is_patched);
        assert_eq!(
            take(&mut two, "two", 2, &changed, &[1]),
            Some((vec![1, 2], false))
        );
    }

    #[test]
    fn changes_of_both_are_kept() {
        let stored = StoredFacts::default();
        let (mut one, mut two) = (
            Ordered::at(text(&[]), 1, &stored),
            Ordered::at(text(&[]), 1, &stored),
        );
        one.note_change(None, false);
        let (_, of_one) = attempt(&mut one, "one", &[1]);
        two.note_change(None, false);
        attempt(&mut two, "two", &[2]);
        let merged = take(&mut two, "two", 2, &of_one, &[2]);
        assert_eq!(merged, Some((vec![2, 1], true)));
        let (number, of_two) = attempt(&mut two, "two", &[2, 1]);
        two.stored(number, 3);
        assert!(!two.is_unstored());
        assert_eq!(of_two.facts.authors.len(), 2);
        // The first process learns that its change is contained, although it never got an answer.
        assert_eq!(
            take(&mut one, "one", 3, &of_two, &[1]),
            Some((vec![2, 1], false))
        );
        assert!(!one.is_unstored());
    }

    #[test]
    fn an_attempt_without_an_answer_is_repeated_as_it_was() {
        let mut one = Ordered::at(text(&[]), 1, &StoredFacts::default());
        one.note_change(None, true);
        let (number, first) = attempt(&mut one, "one", &[1]);
        one.note_change(None, true);
        assert_eq!(attempt(&mut one, "one", &[1, 2]), (number, first.clone()));
        // It was stored after all, which its own value says.
        assert_eq!(take(&mut one, "one", 2, &first, &[1, 2]), None);
        assert!(one.is_unstored());
        let (next, second) = attempt(&mut one, "one", &[1, 2]);
        assert!(next > number);
        assert_eq!(second.text, text(&[1, 2]));
        one.stored(next, 3);
        assert!(!one.is_unstored());
        // Old values change nothing.
        assert_eq!(take(&mut one, "one", 2, &first, &[1, 2]), None);
    }

    #[test]
    fn who_waits_learns_of_a_refusal_and_of_the_end() {
        let mut one = Ordered::new(text(&[]));
        let (change, progress) = one.storing();
        let (number, _) = attempt(&mut one, "one", &[]);
        one.refused(number, "no room");
        assert_eq!(change, 1);
        let refused = progress.borrow().refused.clone().unwrap();
        assert_eq!(refused, (1, "no room".into()));
        let (number, _) = attempt(&mut one, "one", &[]);
        one.stored(number, 1);
        assert_eq!(progress.borrow().stored, 1);
        one.reset();
        assert!(one.is_unstored());
    }
}

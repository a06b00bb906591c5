//! The ids of changes. A side that knows an id ignores further changes with it ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of ids that a state remembers. The oldest id is removed first.
const REMEMBERED: usize = 1000;

/// The first character of the ids that clients of this crate make. These clients follow the server's order by themselves;
/// others need to be sent corrections.
const FOLLOWS: char = '~';

/// The id of a change.
pub(crate) type SyncId = Arc<str>;

/// The ids of the changes that a state has seen.
#[derive(Debug, Default)]
pub(crate) struct SyncIds {
    known: HashSet<SyncId>,
    order: VecDeque<SyncId>,
}

impl SyncIds {
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    pub(crate) fn remember(&mut self, id: &SyncId) {
        if !self.known.insert(Arc::clone(id)) {
            return;
        }
        self.order.push_back(Arc::clone(id));
        if self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}

/// Makes ids that are unique among all sides.
#[derive(Debug)]
pub(crate) struct SyncIdSource {
    prefix: String,
    last: AtomicU64,
}

impl SyncIdSource {
    /// Makes the source of a server.
    pub(crate) fn new() -> Self {
        Self {
            // The keys of the hasher are random, and randomness is all that is needed here.
            prefix: format!("{:016x}", RandomState::new().build_hasher().finish()),
            last: AtomicU64::new(0),
        }
    }

    /// Makes the source of a client, which follows the server's order.
    #[cfg(feature = "client")]
    pub(crate) fn of_client() -> Self {
        let mut source = Self::new();
        source.prefix.insert(0, FOLLOWS);
        source
    }

    pub(crate) fn next(&self) -> SyncId {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.prefix).into()
    }

    /// Returns whether this source has made the id. It needs no list of ids, so this also holds for an id that is older than those
    /// which [`SyncIds`] remembers.
    pub(crate) fn has_made(&self, id: &str) -> bool {
        let number = id
            .strip_prefix(&*self.prefix)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|number| number.parse::<u64>().ok());
        number.is_some_and(|number| number < self.last.load(Ordering::Relaxed))
    }
}

/// Returns whether the side that made this change follows the server's order by itself.
pub(crate) fn follows_order(id: &str) -> bool {
    id.starts_with(FOLLOWS)
}

#[cfg(test)]
mod tests {
    use super::{REMEMBERED, SyncIdSource, SyncIds};

    #[test]
    fn a_source_knows_the_ids_that_it_has_made() {
        let (source, other) = (SyncIdSource::new(), SyncIdSource::new());
        let first = source.next();
        for _ in 0..REMEMBERED {
            source.next();
        }
        assert!(source.has_made(&first));
        assert!(!other.has_made(&first));
        let (prefix, _) = first.split_once('-').unwrap();
        for foreign in [
            "",
            "-0",
            prefix,
            &format!("{prefix}-5000"),
            &format!("{first}x"),
        ] {
            assert!(!source.has_made(foreign), "{foreign}");
        }
    }

    #[test]
    fn the_last_thousand_are_remembered() {
        let (mut ids, source) = (SyncIds::default(), SyncIdSource::new());
        let first = source.next();
        ids.remember(&first);
        ids.remember(&first);
        for _ in 1..REMEMBERED {
            ids.remember(&source.next());
        }
        assert!(ids.contains(&first));
        ids.remember(&source.next());
        assert!(!ids.contains(&first));
        assert_eq!((ids.known.len(), ids.order.len()), (REMEMBERED, REMEMBERED));
    }
}

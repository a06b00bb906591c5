//! The messages of a context, with the version in which each has changed.

use std::collections::VecDeque;

use crate::function::PluginState;
use crate::host::context::DevToolsContext;
use crate::host::utils::Utils;
use crate::mutex::Mutex;
use crate::protocol::message::Message;
use crate::protocol::messages::MessageChanges;

use super::timers::Timers;

/// The number of removed messages that are remembered. A client that asks for the changes since an earlier removal gets all
/// messages.
const REMOVED: usize = 1000;

/// The messages, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Feed {
    list: Mutex<FeedEntries>,
    pub(super) timers: Timers,
}

impl PluginState for Feed {}

#[derive(Debug, Default)]
struct FeedEntries {
    entries: VecDeque<FeedEntry>,
    removed: VecDeque<Removed>,
    version: u64,
    /// The version of the newest removal that is not remembered any more.
    forgotten: u64,
}

#[derive(Debug)]
struct FeedEntry {
    message: Message,
    changed_in: u64,
}

#[derive(Debug)]
struct Removed {
    id: String,
    version: u64,
}

impl Feed {
    pub(super) fn of(context: &DevToolsContext) -> &Self {
        context.own_state()
    }

    /// Stores a message, and returns it with its id. Beyond `limit`, the oldest messages are removed.
    pub(super) fn put(&self, mut message: Message, limit: usize) -> Message {
        if message.id.is_empty() {
            message.id = Utils(()).new_id();
        }
        let mut list = self.list.lock();
        if let Some(before) = list.find(&message.id).map(|it| it.message.clone()) {
            let updated = Message {
                from: before.from,
                timestamp: before.timestamp,
                ..message
            };
            list.change(&before.id, |entry| *entry = updated.clone());
            return updated;
        }
        while list.entries.len() >= limit.max(1) {
            let oldest = list.entries.pop_front();
            if let Some(oldest) = oldest {
                self.timers.cancel(&oldest.message.id);
                list.forget(oldest.message.id);
            }
        }
        list.version += 1;
        let entry = FeedEntry {
            message: message.clone(),
            changed_in: list.version,
        };
        list.entries.push_back(entry);
        message
    }

    pub(super) fn get(&self, id: &str) -> Option<Message> {
        self.list.lock().find(id).map(|entry| entry.message.clone())
    }

    /// Changes a message, and returns it. `None` if there is none. Its id, its time and its origin stay. A change that fails changes
    /// nothing.
    pub(super) fn update<E>(
        &self,
        id: &str,
        change: impl FnOnce(&mut Message) -> Result<(), E>,
    ) -> Result<Option<Message>, E> {
        // The lock is held meanwhile, so that no change between is lost.
        let mut list = self.list.lock();
        let Some(before) = list.find(id).map(|entry| entry.message.clone()) else {
            return Ok(None);
        };
        let mut message = before.clone();
        change(&mut message)?;
        message.id = before.id;
        message.from = before.from;
        message.timestamp = before.timestamp;
        list.change(id, |entry| *entry = message.clone());
        Ok(Some(message))
    }

    /// Removes a message. Returns `false` if there is none.
    pub(super) fn remove(&self, id: &str) -> bool {
        self.timers.cancel(id);
        let mut list = self.list.lock();
        let position = list.entries.iter().position(|it| it.message.id == id);
        let removed = position.and_then(|position| list.entries.remove(position));
        match removed {
            Some(entry) => {
                list.forget(entry.message.id);
                true
            }
            None => false,
        }
    }

    pub(super) fn clear(&self) {
        self.timers.cancel_all();
        let mut list = self.list.lock();
        for entry in std::mem::take(&mut list.entries) {
            list.forget(entry.message.id);
        }
    }

    /// Returns what has changed after this version. Without a version, or with one that is too old, these are all messages.
    pub(super) fn since(&self, version: Option<u64>) -> MessageChanges {
        let list = self.list.lock();
        let since = version.filter(|since| (list.forgotten..=list.version).contains(since));
        let entries = list.entries.iter();
        let entries = entries.filter(|entry| since.is_none_or(|since| entry.changed_in > since));
        let removed = list.removed.iter();
        let removed = removed.filter(|it| since.is_some_and(|since| it.version > since));
        MessageChanges {
            entries: entries.map(|entry| entry.message.clone()).collect(),
            removed_ids: removed.map(|it| it.id.clone()).collect(),
            version: list.version,
            full: since.is_none(),
        }
    }
}

impl FeedEntries {
    fn find(&self, id: &str) -> Option<&FeedEntry> {
        self.entries.iter().find(|entry| entry.message.id == id)
    }

    /// Changes a message. Returns `false` if there is none.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut Message)) -> bool {
        let next = self.version + 1;
        let mut entries = self.entries.iter_mut();
        let Some(entry) = entries.find(|entry| entry.message.id == id) else {
            return false;
        };
        change(&mut entry.message);
        entry.changed_in = next;
        self.version = next;
        true
    }

    /// Notes that a message is gone.
    fn forget(&mut self, id: String) {
        self.version += 1;
        let version = self.version;
        self.removed.push_back(Removed { id, version });
        while self.removed.len() > REMOVED {
            if let Some(removed) = self.removed.pop_front() {
                self.forgotten = removed.version;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Feed;
    use crate::protocol::message::Message;

    fn ids(feed: &Feed, since: Option<u64>) -> (Vec<String>, Vec<String>, bool) {
        let changes = feed.since(since);
        let entries = changes.entries.into_iter().map(|it| it.id).collect();
        (entries, changes.removed_ids, changes.full)
    }

    fn put(feed: &Feed, id: &str) {
        assert_eq!(feed.put(Message::info(id).id(id), 3).id, id);
    }

    fn update(feed: &Feed, id: &str, text: &str) -> Option<Message> {
        let changed = feed.update(id, |message| {
            message.message = text.to_owned();
            Ok::<_, ()>(())
        });
        changed.unwrap()
    }

    #[test]
    fn changes_at_the_same_time_are_all_kept_and_one_that_fails_changes_nothing() {
        let feed = Feed::default();
        put(&feed, "a");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let longer = |message: &mut Message| {
                            let mut text = message.message.clone();
                            std::thread::yield_now();
                            text.push('+');
                            message.message = text;
                            Ok::<_, ()>(())
                        };
                        feed.update("a", longer).unwrap();
                    }
                });
            }
        });
        let version = feed.since(None).version;
        let failed = feed.update("a", |message| {
            message.message.clear();
            Err(())
        });
        assert_eq!(failed, Err(()));
        assert_eq!(feed.get("a").unwrap().message.len(), 801);
        assert_eq!(feed.since(None).version, version);
    }

    #[test]
    fn changes_are_told_from_a_version_on() {
        let feed = Feed::default();
        put(&feed, "a");
        put(&feed, "b");
        let version = feed.since(None).version;
        assert_eq!(ids(&feed, Some(version)), (vec![], vec![], false));
        put(&feed, "c");
        assert_eq!(update(&feed, "a", "A").unwrap().message, "A");
        assert!(feed.remove("b"));
        let changes = (
            vec!["a".to_owned(), "c".to_owned()],
            vec!["b".to_owned()],
            false,
        );
        assert_eq!(ids(&feed, Some(version)), changes);
        // A version of another run of the program.
        assert!(ids(&feed, Some(99)).2);
        assert!(!feed.remove("b"));
        assert!(update(&feed, "b", "B").is_none());
    }

    #[test]
    fn the_oldest_makes_room() {
        let feed = Feed::default();
        for id in ["a", "b", "c", "d"] {
            put(&feed, id);
        }
        assert_eq!(ids(&feed, None).0, ["b", "c", "d"]);
        assert_eq!(ids(&feed, Some(3)).1, ["a"]);
    }

    #[test]
    fn a_client_that_was_away_for_long_gets_all() {
        let feed = Feed::default();
        for round in 0..1200 {
            put(&feed, &round.to_string());
        }
        let version = feed.since(None).version;
        assert!(feed.since(Some(1)).full);
        assert!(!feed.since(Some(version - 500)).full);
    }

    #[test]
    fn a_message_with_a_known_id_keeps_its_time() {
        let feed = Feed::default();
        let before = feed.put(Message::info("a").id("x"), 3);
        let mut later = Message::warn("b").id("x");
        later.timestamp += 1000;
        let after = feed.put(later, 3);
        assert_eq!(after.timestamp, before.timestamp);
        assert_eq!(after.message, "b");
        assert_eq!(ids(&feed, None).0, ["x"]);
    }
}

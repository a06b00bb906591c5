//! The last changes of the shared states of a context, for the inspector: who has made them, and the values before and after.
//!
//! A change is a few words: the texts of the values exist anyway, and are shared.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use crate::mutex::Mutex;
use crate::state::server::topic::Topic;

/// The last changes of all states.
#[derive(Debug)]
pub(crate) struct StateHistory {
    max_changes: usize,
    max_bytes: usize,
    recorded: Mutex<ChangeRecord>,
}

#[derive(Debug, Default)]
struct ChangeRecord {
    changes: VecDeque<StateChange>,
    /// The number of the next change.
    next: u64,
    bytes: usize,
}

/// A change of a state.
#[derive(Debug, Clone)]
pub(crate) struct StateChange {
    /// The number of the change. No number is used twice.
    pub(crate) number: u64,
    pub(crate) at: SystemTime,
    pub(crate) topic: Arc<Topic>,
    /// The session that has made it; `None` for the program itself.
    pub(crate) author: Option<u64>,
    /// The texts of the values before and after. `None` if they are larger than the limit of the whole record.
    pub(crate) values: Option<(Arc<str>, Arc<str>)>,
}

impl StateHistory {
    /// Creates a record of at most `max_changes` changes, whose values have at most `max_bytes` bytes. The oldest
    /// changes are dropped.
    pub(crate) fn new(max_changes: usize, max_bytes: usize) -> Self {
        Self {
            max_changes,
            max_bytes,
            recorded: Mutex::default(),
        }
    }

    /// Records a change.
    pub(super) fn add(
        &self,
        topic: &Arc<Topic>,
        author: Option<u64>,
        before: Arc<str>,
        after: Arc<str>,
    ) {
        let values = Some((before, after)).filter(|values| weight(values) <= self.max_bytes);
        let mut recorded = self.recorded.lock();
        let number = recorded.next;
        recorded.next += 1;
        recorded.bytes += values.as_ref().map_or(0, weight);
        recorded.changes.push_back(StateChange {
            number,
            at: SystemTime::now(),
            topic: Arc::clone(topic),
            author,
            values,
        });
        while recorded.changes.len() > self.max_changes || recorded.bytes > self.max_bytes {
            let Some(oldest) = recorded.changes.pop_front() else {
                break;
            };
            recorded.bytes -= oldest.values.as_ref().map_or(0, weight);
        }
    }

    /// Returns the newest changes of a state from the number `since` on, at most `most`, and the number to ask from next.
    pub(crate) fn of(&self, key: &str, since: u64, most: usize) -> (Vec<StateChange>, u64) {
        let recorded = self.recorded.lock();
        let newest = recorded.changes.iter().rev();
        let wanted = newest
            .take_while(|change| change.number >= since)
            .filter(|change| *change.topic.key == *key)
            .take(most);
        let mut changes: Vec<_> = wanted.cloned().collect();
        changes.reverse();
        (changes, recorded.next)
    }
}

fn weight((before, after): &(Arc<str>, Arc<str>)) -> usize {
    before.len() + after.len()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::StateHistory;
    use crate::state::server::topic::Topic;

    fn add(history: &StateHistory, topic: &Arc<Topic>, author: Option<u64>, text: &str) {
        history.add(topic, author, "x".into(), text.into());
    }

    fn of(history: &StateHistory, key: &str, since: u64) -> Vec<(Option<u64>, Option<String>)> {
        let (changes, _) = history.of(key, since, 10);
        let after = |values: &(Arc<str>, Arc<str>)| values.1.to_string();
        let shown = changes
            .iter()
            .map(|it| (it.author, it.values.as_ref().map(after)));
        shown.collect()
    }

    #[test]
    fn changes_are_told_by_key_with_their_authors() {
        let history = StateHistory::new(10, 100);
        let [a, b] = ["a:a", "b:b"].map(|key| Arc::new(Topic::new(key)));
        add(&history, &a, None, "1");
        add(&history, &b, Some(7), "2");
        add(&history, &a, Some(8), "3");
        let expected = [(None, Some("1".into())), (Some(8), Some("3".into()))];
        assert_eq!(of(&history, "a:a", 0), expected);
        assert_eq!(of(&history, "a:a", 1), expected[1..]);
        assert_eq!(of(&history, "b:b", 0), [(Some(7), Some("2".into()))]);
        assert_eq!(history.of("a:a", 0, 1).1, 3);
    }

    #[test]
    fn the_oldest_changes_make_room_and_a_large_value_is_left_out() {
        let topic = Arc::new(Topic::new("a:a"));
        let history = StateHistory::new(2, 10);
        for text in ["1", "2", "3"] {
            add(&history, &topic, None, text);
        }
        assert_eq!(of(&history, "a:a", 0).len(), 2);
        add(&history, &topic, None, "123456789");
        assert_eq!(of(&history, "a:a", 0), [(None, Some("123456789".into()))]);
        add(&history, &topic, Some(1), "1234567890");
        let newest = of(&history, "a:a", 0).pop();
        assert_eq!(newest, Some((Some(1), None)));
    }
}

//! Messages of NATS that are filled with requests or answers.

use async_nats::Subject;
use bytes::{Bytes, BytesMut};

use crate::requests::entry::Entry;

/// The number of messages that are looked at to find one to the same subject. With more subjects at the same time, some entries travel in
/// messages of their own.
const LOOKED_AT: usize = 16;

/// Messages that are filled with entries. Entries to the same subject share messages.
pub(super) struct Packs {
    packs: Vec<(Subject, BytesMut)>,
    limit: usize,
}

impl Packs {
    /// Creates an empty collection. A message with several entries has at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            packs: Vec::new(),
            limit,
        }
    }

    /// Adds an entry. Returns the position of its message.
    pub(super) fn add(&mut self, to: &Subject, entry: Entry) -> usize {
        let size = entry.size();
        let has_room = |(subject, bytes): &(Subject, BytesMut)| {
            subject == to && bytes.len() + size <= self.limit
        };
        let looked_at = self.packs.iter().enumerate().rev().take(LOOKED_AT);
        let begun = looked_at.filter(|(_, pack)| has_room(pack)).map(|it| it.0);
        let at = begun.max().unwrap_or_else(|| {
            self.packs.push((to.clone(), BytesMut::new()));
            self.packs.len() - 1
        });
        entry.write(&mut self.packs[at].1);
        at
    }

    /// Returns the messages in their order.
    pub(super) fn into_messages(self) -> impl Iterator<Item = (Subject, Bytes)> {
        let packs = self.packs.into_iter();
        packs.map(|(subject, bytes)| (subject, bytes.freeze()))
    }
}

#[cfg(test)]
mod tests {
    use async_nats::Subject;
    use devtools_runtime::backplane::Message;

    use super::Packs;
    use crate::requests::entry::{Entry, take};

    fn entry(number: u64, body: usize) -> Entry {
        let content = Ok(Message {
            body: vec![b'x'; body].into(),
            ..Message::default()
        });
        Entry { number, content }
    }

    #[test]
    fn entries_to_one_subject_travel_together() {
        let (one, two) = (Subject::from("one"), Subject::from("two"));
        let mut packs = Packs::new(300);
        let added = [
            packs.add(&one, entry(1, 100)),
            packs.add(&two, entry(2, 100)),
            packs.add(&one, entry(3, 100)),
            // Nothing else fits beside it.
            packs.add(&one, entry(4, 100)),
            packs.add(&one, entry(5, 1000)),
        ];
        assert_eq!(added, [0, 1, 0, 2, 3]);
        let messages = packs.into_messages().map(|(to, mut bytes)| {
            let entries = std::iter::from_fn(|| take(&mut bytes).unwrap());
            (to.to_string(), entries.map(|it| it.number).collect())
        });
        let messages: Vec<(String, Vec<u64>)> = messages.collect();
        let expected = [
            ("one", vec![1, 3]),
            ("two", vec![2]),
            ("one", vec![4]),
            ("one", vec![5]),
        ];
        assert_eq!(
            messages,
            expected.map(|(to, numbers)| (to.to_owned(), numbers))
        );
    }
}

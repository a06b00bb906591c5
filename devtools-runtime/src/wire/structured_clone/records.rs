//! Collects the records of a text that is being written.
//!
//! Records are numbered in the order in which their values are met, parents before children. But a parent can be
//! written only when its children have their numbers, so leaves and containers are stored separately. Leaves refer to
//! nothing and are written at once to one buffer, in order. A container remembers its position between the leaves
//! and, once it is closed, the records of its members. [`Records::write`] merges the two.
//!
//! To share a primitive, the text of its record is compared with those in the buffer: two primitives are equal
//! exactly if their records have the same text. The exceptions are listed in [`Unique`].

use std::{borrow::Cow, hash::BuildHasher, ops::Range};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::wire::json_check::too_deep;
use crate::wire::structured_clone::error::EncodeError;

/// The tag of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Array,
    Object,
    Map,
    Set,
}

impl Tag {
    /// Returns the text of the record up to the indices, and whether the indices are in pairs.
    fn form(self) -> (&'static str, bool) {
        match self {
            Self::Array => ("[1,[", false),
            Self::Object => ("[2,[", true),
            Self::Map => ("[5,[", true),
            Self::Set => ("[6,[", false),
        }
    }
}

/// A primitive whose text is shared by another value, or is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unique {
    Undefined,
    Null,
    True,
    False,
    NaN,
    Infinity,
    NegativeInfinity,
}

impl Unique {
    const COUNT: usize = 7;

    fn text(self) -> &'static str {
        match self {
            Self::Undefined => "[-1],",
            Self::True => "[0,true],",
            Self::False => "[0,false],",
            Self::Null | Self::NaN | Self::Infinity | Self::NegativeInfinity => "[0,null],",
        }
    }
}

/// The records of a text that is being written. Serializing into it returns the index of the value's record.
#[derive(Debug)]
pub(super) struct Records {
    count: usize,
    /// The texts of the leaves, each followed by a comma.
    leaves: Vec<u8>,
    shared: HashTable<Shared>,
    hasher: DefaultHashBuilder,
    unique: [Option<usize>; Unique::COUNT],
    containers: Vec<Container>,
    /// The members of all closed containers.
    members: Vec<usize>,
    /// The members of all open containers so far, innermost last.
    open_members: Vec<usize>,
    /// The number of levels that may still be opened.
    levels: usize,
}

/// A leaf that later equal values refer to.
#[derive(Debug)]
struct Shared {
    text: Range<usize>,
    index: usize,
}

#[derive(Debug)]
struct Container {
    tag: Tag,
    /// The offset in `leaves` before which the container stands.
    after: usize,
    members: Range<usize>,
}

/// A container that is not closed yet.
#[derive(Debug)]
#[must_use = "a container has to be closed"]
pub(super) struct Open {
    /// The index of its record.
    pub(super) index: usize,
    container: usize,
    first_member: usize,
}

impl Records {
    /// Creates an empty list for a value with this many levels, with capacity for an ordinary message.
    pub(super) fn new(levels: usize) -> Self {
        Self {
            count: 0,
            leaves: Vec::with_capacity(512),
            shared: HashTable::with_capacity(14),
            hasher: DefaultHashBuilder::default(),
            unique: [None; Unique::COUNT],
            containers: Vec::new(),
            members: Vec::with_capacity(32),
            open_members: Vec::with_capacity(32),
            levels,
        }
    }

    /// Adds the record of a container. Its members follow.
    pub(super) fn open(&mut self, tag: Tag) -> Result<Open, EncodeError> {
        self.levels = self.levels.checked_sub(1).ok_or(EncodeError::TooDeep)?;
        let container = self.containers.len();
        self.containers.push(Container {
            tag,
            after: self.leaves.len(),
            members: 0..0,
        });
        Ok(Open {
            index: self.next_index(),
            container,
            first_member: self.open_members.len(),
        })
    }

    /// Checks that JSON text is not nested deeper than the remaining levels.
    pub(super) fn check_levels(&self, json: &str) -> Result<(), EncodeError> {
        match too_deep(json, self.levels) {
            Some(_) => Err(EncodeError::TooDeep),
            None => Ok(()),
        }
    }

    /// Adds a member to the innermost open container. A map or an object takes keys and values alternately.
    pub(super) fn push_member(&mut self, index: usize) {
        self.open_members.push(index);
    }

    /// Closes the innermost open container and returns its index.
    pub(super) fn close(&mut self, open: Open) -> usize {
        let first = self.members.len();
        self.members
            .extend(self.open_members.drain(open.first_member..));
        self.containers[open.container].members = first..self.members.len();
        self.levels += 1;
        open.index
    }

    /// Returns the record of a primitive that its text does not identify.
    pub(super) fn unique(&mut self, primitive: Unique) -> usize {
        if let Some(index) = self.unique[primitive as usize] {
            return index;
        }
        self.leaves.extend_from_slice(primitive.text().as_bytes());
        let index = self.next_index();
        self.unique[primitive as usize] = Some(index);
        index
    }

    /// Returns the record of the primitive that `write` writes after `tag`. Equal primitives share a record.
    pub(super) fn primitive<E>(
        &mut self,
        tag: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.push_leaf(tag, write)?;
        let leaves = &self.leaves;
        let text_of = |shared: &Shared| &leaves[shared.text.clone()];
        let text = &leaves[start..];
        let hash = self.hasher.hash_one(text);
        if let Some(known) = self.shared.find(hash, |shared| text_of(shared) == text) {
            let index = known.index;
            self.leaves.truncate(start);
            return Ok(index);
        }
        let shared = Shared {
            text: start..leaves.len(),
            index: self.count,
        };
        self.shared
            .insert_unique(hash, shared, |shared| self.hasher.hash_one(text_of(shared)));
        Ok(self.next_index())
    }

    /// Adds a record for the object that `write` writes after `tag`. It is not shared.
    pub(super) fn object<E>(
        &mut self,
        tag: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.push_leaf(tag, write)?;
        Ok(self.next_index())
    }

    /// Writes the text of a leaf and returns its offset.
    fn push_leaf<E>(
        &mut self,
        tag: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.leaves.len();
        self.leaves.push(b'[');
        self.leaves.extend_from_slice(tag.as_bytes());
        self.leaves.push(b',');
        write(&mut self.leaves)?;
        self.leaves.extend_from_slice(b"],");
        Ok(start)
    }

    fn next_index(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// Appends the text of all records to `out`.
    pub(super) fn write(&self, out: &mut String) {
        // Every leaf was written as text, so it is valid UTF-8.
        let leaves = match std::str::from_utf8(&self.leaves) {
            Ok(leaves) => Cow::Borrowed(leaves),
            Err(_) => String::from_utf8_lossy(&self.leaves),
        };
        out.reserve(leaves.len() + 8 * self.containers.len() + 6 * self.members.len() + 2);
        out.push('[');
        let mut written = 0;
        for container in &self.containers {
            out.push_str(&leaves[written..container.after]);
            written = container.after;
            self.write_container(container, out);
        }
        out.push_str(&leaves[written..]);
        out.pop(); // the comma after the last record
        out.push(']');
    }

    fn write_container(&self, container: &Container, out: &mut String) {
        let (head, pairs) = container.tag.form();
        let members = &self.members[container.members.clone()];
        out.push_str(head);
        if pairs {
            for pair in members.chunks_exact(2) {
                out.push('[');
                push_integer(out, pair[0]);
                out.push(',');
                push_integer(out, pair[1]);
                out.push_str("],");
            }
        } else {
            for member in members {
                push_integer(out, *member);
                out.push(',');
            }
        }
        if !members.is_empty() {
            out.pop(); // the comma after the last member
        }
        out.push_str("]],");
    }
}

/// Appends the digits of `integer`, two at a time.
fn push_integer(out: &mut String, integer: usize) {
    const PAIRS: &str = "0001020304050607080910111213141516171819\
                         2021222324252627282930313233343536373839\
                         4041424344454647484950515253545556575859\
                         6061626364656667686970717273747576777879\
                         8081828384858687888990919293949596979899";
    if integer >= 100 {
        push_integer(out, integer / 100);
    }
    let pair = integer % 100;
    let start = if integer < 10 { 2 * pair + 1 } else { 2 * pair };
    out.push_str(&PAIRS[start..2 * pair + 2]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_their_digits() {
        for integer in [
            0,
            7,
            10,
            42,
            99,
            100,
            101,
            999,
            1000,
            123_456,
            10_000_007,
            usize::MAX,
        ] {
            let mut out = String::new();
            push_integer(&mut out, integer);
            assert_eq!(out, integer.to_string());
        }
    }
}

//! The records of a text while it is written.
//!
//! Records are numbered in the order their values are met, parents before children, but a parent's own text can
//! only be written when its children have their numbers. So the two kinds of record are kept apart. Leaves,
//! which refer to nothing, are written at once into one buffer, in order. Containers remember where between the
//! leaves they belong and, when closed, which records they hold. [`Records::write`] then merges the two.
//!
//! A primitive is shared by comparing the text of its record with those already in the buffer: two primitives
//! are the same value exactly if their records have the same text, except for the few in [`Unique`].

use std::{borrow::Cow, hash::BuildHasher, ops::Range};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::EncodeError;
use crate::wire::json;

/// The tag of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Array,
    Object,
    Map,
    Set,
}

impl Tag {
    /// The text of the record up to the indices, and whether those come in pairs.
    fn form(self) -> (&'static str, bool) {
        match self {
            Self::Array => ("[1,[", false),
            Self::Object => ("[2,[", true),
            Self::Map => ("[5,[", true),
            Self::Set => ("[6,[", false),
        }
    }
}

/// A primitive whose text does not tell it from another value, or is known beforehand.
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

/// All records of a text to be. Serializing into it gives the number of the value's record.
#[derive(Debug)]
pub(super) struct Records {
    count: usize,
    /// The texts of the leaves, each with a comma after it.
    leaves: Vec<u8>,
    shared: HashTable<Shared>,
    hasher: DefaultHashBuilder,
    unique: [Option<usize>; Unique::COUNT],
    containers: Vec<Container>,
    /// The members of the closed containers.
    members: Vec<usize>,
    /// The members so far of the open containers, innermost last.
    open_members: Vec<usize>,
    /// How many containers may still be opened in each other.
    levels: usize,
}

/// A leaf that later values may refer to.
#[derive(Debug)]
struct Shared {
    text: Range<usize>,
    index: usize,
}

#[derive(Debug)]
struct Container {
    tag: Tag,
    /// How much of the leaves comes before it.
    after: usize,
    members: Range<usize>,
}

/// A container that still takes members.
#[derive(Debug)]
#[must_use = "a container has to be closed"]
pub(super) struct Open {
    /// The number of its record.
    pub(super) index: usize,
    container: usize,
    first_member: usize,
}

impl Records {
    /// No records yet, with room for an ordinary message, of a value with so many levels.
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

    /// Adds a record for a container, of which the members follow.
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

    /// Checks that JSON text is nested no deeper than containers still may be.
    pub(super) fn check_levels(&self, json: &str) -> Result<(), EncodeError> {
        match json::too_deep(json, self.levels) {
            Some(_) => Err(EncodeError::TooDeep),
            None => Ok(()),
        }
    }

    /// Adds a member to the innermost open container; where those are pairs, a key or a value.
    pub(super) fn push_member(&mut self, index: usize) {
        self.open_members.push(index);
    }

    /// Ends the innermost open container and gives its number.
    pub(super) fn close(&mut self, open: Open) -> usize {
        let first = self.members.len();
        self.members
            .extend(self.open_members.drain(open.first_member..));
        self.containers[open.container].members = first..self.members.len();
        self.levels += 1;
        open.index
    }

    /// The record of one of the few primitives that are not told apart by their text.
    pub(super) fn unique(&mut self, primitive: Unique) -> usize {
        if let Some(index) = self.unique[primitive as usize] {
            return index;
        }
        self.leaves.extend_from_slice(primitive.text().as_bytes());
        let index = self.next_index();
        self.unique[primitive as usize] = Some(index);
        index
    }

    /// The record of the primitive that `write` writes after `tag`.
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

    /// A record of its own for the object that `write` writes after `tag`.
    pub(super) fn object<E>(
        &mut self,
        tag: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.push_leaf(tag, write)?;
        Ok(self.next_index())
    }

    /// Writes the text of a leaf and gives its place.
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
        // Every leaf was written as text, so nothing is lost.
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

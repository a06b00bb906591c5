//! Collects the records of a text that is being written.
//!
//! Records are numbered in the order in which their values are met, parents before children. But a parent can be
//! written only when its children have their numbers, so leaves and containers are stored separately. Leaves refer to
//! nothing and are written at once to one buffer, in order. A container remembers its position between the leaves
//! and, once it is closed, the records of its members. [`RecordWriter::write`] merges the two.
//!
//! To share a primitive, the text of its record is compared with those in the buffer: two primitives are equal
//! exactly if their records have the same text. The exceptions are listed in [`Unique`]. The names of fields are not
//! even written a second time, because they are known by their address ([`NameRecords`]).

use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::wire::json_check::too_deep;
use crate::wire::literal::push_quoted;
use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::names::NameRecords;

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
#[derive(Debug, Default)]
pub(super) struct RecordWriter {
    count: usize,
    /// The texts of the leaves, each followed by a comma.
    leaves: Vec<u8>,
    shared: HashTable<SharedLeaf>,
    hasher: DefaultHashBuilder,
    names: NameRecords,
    unique: [Option<usize>; Unique::COUNT],
    containers: Vec<ClosedContainer>,
    /// The members of all closed containers.
    members: Vec<usize>,
    /// The members of all open containers so far, innermost last.
    open_members: Vec<usize>,
    /// The number of levels that may still be opened.
    levels: usize,
}

/// A leaf that later equal values refer to.
#[derive(Debug)]
struct SharedLeaf {
    /// Half of its hash, so that the text need not be hashed again when the table grows.
    hash: u32,
    /// The offset of its text in `leaves`. The text ends where its array does.
    start: u32,
    index: u32,
}

impl SharedLeaf {
    /// Returns the hash for the table, which looks at the highest bits and the lowest.
    fn wide_hash(&self) -> u64 {
        wide_hash(self.hash)
    }
}

fn wide_hash(half: u32) -> u64 {
    u64::from(half) << 32 | u64::from(half)
}

#[derive(Debug)]
struct ClosedContainer {
    tag: Tag,
    /// The offset in `leaves` before which the container stands.
    after: usize,
    members: Range<usize>,
}

/// A container that is not closed yet.
#[derive(Debug)]
#[must_use = "a container has to be closed"]
pub(super) struct OpenContainer {
    /// The index of its record.
    pub(super) index: usize,
    container: usize,
    first_member: usize,
}

impl RecordWriter {
    /// Removes all records, and begins a value with this many levels.
    pub(super) fn begin(&mut self, levels: usize) {
        self.count = 0;
        self.leaves.clear();
        self.shared.clear();
        self.names.clear();
        self.unique = [None; Unique::COUNT];
        self.containers.clear();
        self.members.clear();
        self.open_members.clear();
        self.levels = levels;
    }

    /// Returns the size in bytes of the buffers.
    pub(super) fn capacity(&self) -> usize {
        self.leaves.capacity()
            + self.shared.capacity() * size_of::<SharedLeaf>()
            + self.containers.capacity() * size_of::<ClosedContainer>()
            + (self.members.capacity() + self.open_members.capacity()) * size_of::<usize>()
    }

    /// Adds the record of a container. Its members follow.
    pub(super) fn open(&mut self, tag: Tag) -> Result<OpenContainer, EncodeError> {
        self.levels = self.levels.checked_sub(1).ok_or(EncodeError::TooDeep)?;
        let container = self.containers.len();
        self.containers.push(ClosedContainer {
            tag,
            after: self.leaves.len(),
            members: 0..0,
        });
        Ok(OpenContainer {
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
    pub(super) fn close(&mut self, open: OpenContainer) -> usize {
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

    /// Returns the record of the primitive that `write` writes after `head`, which is `[`, a tag and a comma. Equal
    /// primitives share a record.
    pub(super) fn primitive<E>(
        &mut self,
        head: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.push_leaf(head, write)?;
        Ok(self.share(start))
    }

    /// Returns the record of a string whose content has this address as long as the program runs.
    pub(super) fn name(&mut self, name: &'static str) -> usize {
        if let Some(index) = self.names.find(name) {
            return index;
        }
        let index = self.string(name);
        self.names.insert(name, index);
        index
    }

    /// Returns the record of a string. Equal strings share a record.
    pub(super) fn string(&mut self, content: &str) -> usize {
        let start = self.leaves.len();
        self.leaves.extend_from_slice(b"[0,");
        push_quoted(&mut self.leaves, content);
        self.leaves.extend_from_slice(b"],");
        self.share(start)
    }

    /// Returns the record of the leaf that begins at `start` and was written last, which is a primitive. If there is an
    /// equal one already, removes the leaf.
    fn share(&mut self, start: usize) -> usize {
        let (leaves, text) = (&self.leaves, &self.leaves[start..]);
        let mut hasher = self.hasher.build_hasher();
        hasher.write(text);
        #[expect(clippy::cast_possible_truncation, reason = "half of it is enough")]
        let hash = hasher.finish() as u32;
        // The text of an array is never a prefix of another array's text, so a stored text that begins with this one
        // is equal to it.
        let is_equal = |shared: &SharedLeaf| {
            shared.hash == hash
                && leaves
                    .get(shared.start as usize..)
                    .is_some_and(|rest| rest.starts_with(text))
        };
        match (self.shared).entry(wide_hash(hash), is_equal, SharedLeaf::wide_hash) {
            Entry::Occupied(known) => {
                let index = known.get().index as usize;
                self.leaves.truncate(start);
                return index;
            }
            Entry::Vacant(vacant) => {
                // Beyond 4 GiB nothing is shared.
                if let (Ok(start), Ok(index)) = (u32::try_from(start), u32::try_from(self.count)) {
                    vacant.insert(SharedLeaf { hash, start, index });
                }
            }
        }
        self.next_index()
    }

    /// Adds a record for the object that `write` writes after `head`. It is not shared.
    pub(super) fn object<E>(
        &mut self,
        head: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.push_leaf(head, write)?;
        Ok(self.next_index())
    }

    /// Writes the text of a leaf and returns its offset.
    fn push_leaf<E>(
        &mut self,
        head: &str,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let start = self.leaves.len();
        self.leaves.extend_from_slice(head.as_bytes());
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
        /// The longest text around the members of a container.
        const AROUND: usize = "[1,[]],".len();
        /// The longest text around a member.
        const BESIDE: usize = "[,".len();
        let digits = digits(self.count);
        let mut text = std::mem::take(out).into_bytes();
        text.reserve(
            self.leaves.len()
                + AROUND * self.containers.len()
                + (BESIDE + digits) * self.members.len()
                + "[]".len(),
        );
        text.push(b'[');
        let mut written = 0;
        for container in &self.containers {
            text.extend_from_slice(&self.leaves[written..container.after]);
            written = container.after;
            self.write_container(container, &mut text);
        }
        text.extend_from_slice(&self.leaves[written..]);
        text.pop(); // the comma after the last record
        text.push(b']');
        // Every leaf was written as text, so it is valid UTF-8.
        *out = match String::from_utf8(text) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
    }

    fn write_container(&self, container: &ClosedContainer, out: &mut Vec<u8>) {
        let (head, pairs) = container.tag.form();
        let members = &self.members[container.members.clone()];
        out.extend_from_slice(head.as_bytes());
        if pairs {
            for pair in members.chunks_exact(2) {
                out.push(b'[');
                push_integer(out, pair[0]);
                out.push(b',');
                push_integer(out, pair[1]);
                out.extend_from_slice(b"],");
            }
        } else {
            for member in members {
                push_integer(out, *member);
                out.push(b',');
            }
        }
        if !members.is_empty() {
            out.pop(); // the comma after the last member
        }
        out.extend_from_slice(b"]],");
    }
}

/// Returns the number of digits of `integer`.
fn digits(integer: usize) -> usize {
    integer.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Appends the digits of `integer`. For integers below 10,000, the usual case, all digits are appended at once.
fn push_integer(out: &mut Vec<u8>, integer: usize) {
    match integer {
        0..10 => out.push(two_digits(integer)[1]),
        10..100 => out.extend_from_slice(&two_digits(integer)),
        100..1000 => {
            let ([_, a], [b, c]) = (two_digits(integer / 100), two_digits(integer % 100));
            out.extend_from_slice(&[a, b, c]);
        }
        1000..10_000 => {
            let ([a, b], [c, d]) = (two_digits(integer / 100), two_digits(integer % 100));
            out.extend_from_slice(&[a, b, c, d]);
        }
        _ => {
            push_integer(out, integer / 100);
            out.extend_from_slice(&two_digits(integer % 100));
        }
    }
}

/// Returns the digits of an integer below 100.
fn two_digits(integer: usize) -> [u8; 2] {
    const DIGITS: &[u8; 200] = b"0001020304050607080910111213141516171819\
                                 2021222324252627282930313233343536373839\
                                 4041424344454647484950515253545556575859\
                                 6061626364656667686970717273747576777879\
                                 8081828384858687888990919293949596979899";
    let at = 2 * (integer % 100);
    [DIGITS[at], DIGITS[at + 1]]
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
            let mut out = Vec::new();
            push_integer(&mut out, integer);
            assert_eq!(out, integer.to_string().into_bytes());
            assert_eq!(digits(integer), out.len());
        }
    }
}

//! Walks from a container to its members.

use std::borrow::Cow;

use crate::wire::js::{BigInt, keep_last};
use crate::wire::reserved::PRIVATE;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{ContainerMembers, RecordForm};
use crate::wire::structured_clone::node::{Node, TextLocation};
use crate::wire::structured_clone::payload;
use crate::wire::structured_clone::scan::{self, Cursor, unescape};
use crate::wire::structured_clone::split::RecordShape;

/// Iterates over the members of an array or a set.
#[derive(Debug)]
pub(super) struct Items<'d> {
    parent: Node<'d>,
    rest: RemainingMembers<'d>,
}

/// The members that are not read yet.
#[derive(Debug)]
enum RemainingMembers<'d> {
    Links(std::slice::Iter<'d, u32>),
    Linked(Option<scan::JsonMembers<'d>>),
    Inline(Option<scan::JsonMembers<'d>>),
}

impl<'d> Iterator for Items<'d> {
    type Item = Result<Node<'d>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let location = match &mut self.rest {
            RemainingMembers::Links(links) => Ok(TextLocation::of_link(*links.next()?)),
            RemainingMembers::Linked(members) => {
                let members = members.as_mut()?;
                if !members.advance() {
                    return None;
                }
                link(&mut members.cursor)
            }
            RemainingMembers::Inline(members) => {
                let members = members.as_mut()?;
                if !members.advance() {
                    return None;
                }
                Ok(TextLocation::Json(members.cursor.value()))
            }
        };
        Some(
            location
                .and_then(|location| self.parent.member(location))
                .map_err(DecodeError::from),
        )
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.rest {
            RemainingMembers::Links(links) => links.size_hint(),
            RemainingMembers::Linked(_) | RemainingMembers::Inline(_) => (0, None),
        }
    }
}

/// The entries of a `Map`.
type MapEntries<'d> = Vec<(Node<'d>, Node<'d>)>;

impl<'d> Node<'d> {
    /// Returns the properties of a plain object in order. If a key is repeated, only its last value is returned.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if this is not a plain object, or its record is malformed.
    pub(crate) fn entries(
        self,
    ) -> Result<impl ExactSizeIterator<Item = (Cow<'d, str>, Node<'d>)>, DecodeError> {
        match self.visit()? {
            RecordForm::Object(members) => self.properties(members).map(IntoIterator::into_iter),
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an object",
            }
            .into()),
        }
    }

    /// Calls `take` with each property of a plain object as it is written. If a key is repeated, the last call has
    /// the valid value.
    ///
    /// It allocates nothing, however many properties there are.
    ///
    /// # Errors
    ///
    /// Those of [`Node::entries`].
    pub(crate) fn for_each_entry(
        self,
        mut take: impl FnMut(&str, Node<'d>),
    ) -> Result<(), DecodeError> {
        match self.visit()? {
            RecordForm::Object(members @ ContainerMembers::Inline(_)) => {
                for (key, value) in self.properties(members)? {
                    take(&key, value);
                }
                Ok(())
            }
            RecordForm::Object(members) => {
                for pair in self.pairs_of(members, "an object") {
                    let (key, value) = pair?;
                    take(&key.key_text()?, value);
                }
                Ok(())
            }
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an object",
            }
            .into()),
        }
    }

    /// Returns the elements of an array.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if this is not an array, or its record is malformed.
    pub(crate) fn elements(self) -> Result<Vec<Node<'d>>, DecodeError> {
        match self.visit()? {
            RecordForm::Array(members) => self.items(members).collect(),
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an array",
            }
            .into()),
        }
    }

    /// Iterates over the members of an array or a set.
    pub(super) fn items(self, members: ContainerMembers<'d>) -> Items<'d> {
        Items {
            parent: self,
            rest: match members {
                ContainerMembers::Links(links) => RemainingMembers::Links(links.iter()),
                ContainerMembers::Linked(cursor) => {
                    RemainingMembers::Linked(scan::JsonMembers::of_array(cursor))
                }
                ContainerMembers::Inline(cursor) => {
                    RemainingMembers::Inline(scan::JsonMembers::of_array(cursor))
                }
            },
        }
    }

    /// Returns the links of this object if its keys are distinct strings without escapes, and there are few of them.
    /// Nothing has to be stored then to find repeated keys.
    pub(super) fn distinct_keys(self, members: ContainerMembers<'d>) -> Option<&'d [u32]> {
        /// The number of keys up to which they are compared pairwise.
        const FEW: usize = 16;
        let (ContainerMembers::Links(links), TextLocation::Record(index)) =
            (members, self.location)
        else {
            return None;
        };
        if self.document.are_known_distinct(links) {
            return Some(links);
        }
        if links.len() > 2 * FEW {
            return None;
        }
        let records = self.document.records();
        let mut keys = [""; FEW];
        for (count, pair) in links.chunks_exact(2).enumerate() {
            let record = records.record(pair[0] as usize)?;
            if record.shape != RecordShape::Plain {
                return None;
            }
            let key = records.plain(record);
            let (known, rest) = keys.split_at_mut(count);
            if key.starts_with(PRIVATE) || known.contains(&key) {
                return None;
            }
            rest[0] = key;
        }
        self.document.know_distinct(index);
        Some(links)
    }

    /// Returns the content of the record with this index, which is a string without escapes, and adds the cost of a visit.
    pub(super) fn plain_key(self, index: u32) -> Result<&'d str, Problem> {
        let records = self.document.records();
        let Some(record) = records.record(index as usize) else {
            return Err(Problem::Index(index.to_string()));
        };
        self.document.charge(record.len())?;
        Ok(records.plain(record))
    }

    /// Returns the member with this index.
    pub(super) fn linked(self, index: u32) -> Result<Self, Problem> {
        self.member(TextLocation::of_link(index))
    }

    /// Returns the properties of an object, each key once.
    pub(super) fn properties(
        self,
        members: ContainerMembers<'d>,
    ) -> Result<Vec<(Cow<'d, str>, Node<'d>)>, DecodeError> {
        let mut properties = Vec::new();
        match members {
            ContainerMembers::Links(_) | ContainerMembers::Linked(_) => {
                for pair in self.pairs_of(members, "an object") {
                    let (key, value) = pair?;
                    properties.push((public(key.key_text()?)?, value));
                }
            }
            ContainerMembers::Inline(cursor) => {
                let mut members = scan::JsonMembers::of_object(cursor);
                while let Some((key, value)) =
                    members.as_mut().and_then(scan::JsonMembers::property)
                {
                    properties.push((
                        public(unescape(key))?,
                        self.member(TextLocation::Json(value))?,
                    ));
                }
            }
        }
        Ok(keep_last(properties))
    }

    /// Returns the entries of a `Map`, each key once.
    pub(super) fn pairs(
        self,
        members: ContainerMembers<'d>,
    ) -> Result<MapEntries<'d>, DecodeError> {
        let mut entries = Vec::new();
        for pair in self.pairs_of(members, "a Map") {
            let (key, value) = pair?;
            let identity = key.identity(entries.len())?;
            if matches!(&identity, ValueIdentity::String(text) if text.starts_with(PRIVATE)) {
                return Err(Problem::Private.into());
            }
            entries.push((identity, (key, value)));
        }
        Ok(keep_last(entries)
            .into_iter()
            .map(|(_, pair)| pair)
            .collect())
    }

    /// Returns the members of a `Set`, each once.
    pub(super) fn distinct(self, members: ContainerMembers<'d>) -> Result<Vec<Self>, DecodeError> {
        let mut distinct = Vec::new();
        for member in self.items(members) {
            let member = member?;
            distinct.push((member.identity(distinct.len())?, member));
        }
        Ok(keep_last(distinct)
            .into_iter()
            .map(|(_, member)| member)
            .collect())
    }

    /// Iterates over the pairs of an object or a map whose members have records.
    fn pairs_of(
        self,
        members: ContainerMembers<'d>,
        of: &'static str,
    ) -> impl Iterator<Item = Result<(Self, Self), Problem>> {
        let (links, mut pairs) = match members {
            ContainerMembers::Links(links) => (links, None),
            ContainerMembers::Linked(cursor) | ContainerMembers::Inline(cursor) => {
                (&[][..], scan::JsonMembers::of_array(cursor))
            }
        };
        let mut links = links.chunks_exact(2);
        std::iter::from_fn(move || {
            if let Some([key, value]) = links.next() {
                let key = self.linked(*key);
                return Some(key.and_then(|key| Ok((key, self.linked(*value)?))));
            }
            let pairs = pairs.as_mut()?;
            pairs.advance().then(|| self.pair(&mut pairs.cursor, of))
        })
    }

    fn pair(self, cursor: &mut Cursor<'d>, of: &'static str) -> Result<(Self, Self), Problem> {
        let no_pair = Problem::Payload {
            of,
            expected: "pairs of indices",
        };
        if !cursor.eat(b'[') || cursor.peek() == Some(b']') {
            return Err(no_pair);
        }
        let key = link(cursor)?;
        if !cursor.eat(b',') {
            return Err(no_pair);
        }
        let value = link(cursor)?;
        if !cursor.eat(b']') {
            return Err(no_pair);
        }
        Ok((self.member(key)?, self.member(value)?))
    }

    /// Returns the value as the key of an object, which is a string.
    fn key_text(self) -> Result<Cow<'d, str>, Problem> {
        Ok(match self.visit()? {
            RecordForm::String(text) => text.content(),
            RecordForm::Number(text) => {
                ryu_js::Buffer::new().format(number(text)).to_owned().into()
            }
            RecordForm::Bool(true) => "true".into(),
            RecordForm::Bool(false) => "false".into(),
            RecordForm::Null => "null".into(),
            RecordForm::Undefined => "undefined".into(),
            RecordForm::BigInt(content) => payload::big_int(content)?.to_string().into(),
            other => return Err(Problem::Key(other.name())),
        })
    }

    /// Returns the identity of the value, by which repeated keys and members are found.
    fn identity(self, position: usize) -> Result<ValueIdentity<'d>, Problem> {
        Ok(match self.visit()? {
            RecordForm::Undefined => ValueIdentity::Undefined,
            RecordForm::Null => ValueIdentity::Null,
            RecordForm::Bool(value) => ValueIdentity::Bool(value),
            RecordForm::Number(text) => ValueIdentity::Number((number(text) + 0.0).to_bits()),
            RecordForm::String(text) => ValueIdentity::String(text.content()),
            RecordForm::BigInt(content) => ValueIdentity::BigInt(payload::big_int(content)?),
            RecordForm::ArrayBuffer(_) | RecordForm::DataView(_) => {
                ValueIdentity::Position(position)
            }
            _ => match self.location {
                TextLocation::Record(index) => ValueIdentity::Record(index),
                TextLocation::Json(_) => ValueIdentity::Position(position),
            },
        })
    }
}

/// Returns the key unless it is reserved by `serde_json`.
fn public(key: Cow<'_, str>) -> Result<Cow<'_, str>, Problem> {
    if key.starts_with(PRIVATE) {
        return Err(Problem::Private);
    }
    Ok(key)
}

/// The identity of a value as a key or a member: primitives are equal by value, objects by record.
#[derive(PartialEq, Eq, Hash)]
enum ValueIdentity<'d> {
    Undefined,
    Null,
    Bool(bool),
    /// The bits of the number. Zero has no sign.
    Number(u64),
    String(Cow<'d, str>),
    BigInt(BigInt),
    Record(usize),
    /// A value that equals no other: JavaScript creates a new one for each reference.
    Position(usize),
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

fn link<'d>(cursor: &mut Cursor<'d>) -> Result<TextLocation<'d>, Problem> {
    match cursor.index() {
        Some(index) => Ok(TextLocation::Record(index)),
        None => Err(Problem::Index(cursor.value().to_owned())),
    }
}

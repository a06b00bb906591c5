//! Walks from a container to its members.

use std::borrow::Cow;

use crate::wire::js::{BigInt, keep_last};
use crate::wire::reserved::PRIVATE;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{Form, Members};
use crate::wire::structured_clone::node::{Node, TextLocation};
use crate::wire::structured_clone::payload;
use crate::wire::structured_clone::scan::{self, Cursor, unescape};

/// Iterates over the members of an array or a set.
#[derive(Debug)]
pub(super) struct Items<'d> {
    parent: Node<'d>,
    kind: Members,
    members: Option<scan::Members<'d>>,
}

impl<'d> Items<'d> {
    fn new(parent: Node<'d>, kind: Members, cursor: Cursor<'d>) -> Self {
        Self {
            parent,
            kind,
            members: scan::Members::of_array(cursor),
        }
    }
}

impl<'d> Iterator for Items<'d> {
    type Item = Result<Node<'d>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let members = self.members.as_mut()?;
        if !members.advance() {
            return None;
        }
        let location = match self.kind {
            Members::Linked => link(&mut members.cursor),
            Members::Inline => Ok(TextLocation::Json(members.cursor.value())),
        };
        Some(
            location
                .and_then(|location| self.parent.member(location))
                .map_err(DecodeError::from),
        )
    }
}

/// The entries of a `Map`.
type Pairs<'d> = Vec<(Node<'d>, Node<'d>)>;

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
            Form::Object(members, cursor) => self
                .properties(members, cursor)
                .map(IntoIterator::into_iter),
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
            Form::Object(Members::Linked, cursor) => {
                for pair in self.links(cursor, "an object") {
                    let (key, value) = pair?;
                    take(&key.key_text()?, value);
                }
                Ok(())
            }
            Form::Object(members @ Members::Inline, cursor) => {
                for (key, value) in self.properties(members, cursor)? {
                    take(&key, value);
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
            Form::Array(members, cursor) => self.items(members, cursor).collect(),
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an array",
            }
            .into()),
        }
    }

    /// Iterates over the members of the array or set whose payload begins at `cursor`.
    pub(super) fn items(self, members: Members, cursor: Cursor<'d>) -> Items<'d> {
        Items::new(self, members, cursor)
    }

    /// Returns the properties of the object whose payload begins at `cursor`, each key once.
    pub(super) fn properties(
        self,
        members: Members,
        cursor: Cursor<'d>,
    ) -> Result<Vec<(Cow<'d, str>, Node<'d>)>, DecodeError> {
        let mut properties = Vec::new();
        match members {
            Members::Linked => {
                for pair in self.links(cursor, "an object") {
                    let (key, value) = pair?;
                    properties.push((public(key.key_text()?)?, value));
                }
            }
            Members::Inline => {
                let mut members = scan::Members::of_object(cursor);
                while let Some((key, value)) = members.as_mut().and_then(scan::Members::property) {
                    properties.push((
                        public(unescape(key))?,
                        self.member(TextLocation::Json(value))?,
                    ));
                }
            }
        }
        Ok(keep_last(properties))
    }

    /// Returns the entries of the `Map` whose payload begins at `cursor`, each key once.
    pub(super) fn pairs(self, cursor: Cursor<'d>) -> Result<Pairs<'d>, DecodeError> {
        let mut entries = Vec::new();
        for pair in self.links(cursor, "a Map") {
            let (key, value) = pair?;
            let identity = key.identity(entries.len())?;
            if matches!(&identity, Identity::String(text) if text.starts_with(PRIVATE)) {
                return Err(Problem::Private.into());
            }
            entries.push((identity, (key, value)));
        }
        Ok(keep_last(entries)
            .into_iter()
            .map(|(_, pair)| pair)
            .collect())
    }

    /// Returns the members of the `Set` whose payload begins at `cursor`, each once.
    pub(super) fn distinct(self, cursor: Cursor<'d>) -> Result<Vec<Self>, DecodeError> {
        let mut members = Vec::new();
        for member in self.items(Members::Linked, cursor) {
            let member = member?;
            members.push((member.identity(members.len())?, member));
        }
        Ok(keep_last(members)
            .into_iter()
            .map(|(_, member)| member)
            .collect())
    }

    /// Iterates over the pairs of indices that begin at `cursor`.
    fn links(
        self,
        cursor: Cursor<'d>,
        of: &'static str,
    ) -> impl Iterator<Item = Result<(Self, Self), Problem>> {
        let mut pairs = scan::Members::of_array(cursor);
        std::iter::from_fn(move || {
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
            Form::String(mut text) => unescape(text.value()),
            Form::Number(mut text) => ryu_js::Buffer::new()
                .format(number(&mut text))
                .to_owned()
                .into(),
            Form::Bool(true) => "true".into(),
            Form::Bool(false) => "false".into(),
            Form::Null => "null".into(),
            Form::Undefined => "undefined".into(),
            Form::BigInt(content) => payload::big_int(content)?.to_string().into(),
            other => return Err(Problem::Key(other.name())),
        })
    }

    /// Returns the identity of the value, by which repeated keys and members are found.
    fn identity(self, position: usize) -> Result<Identity<'d>, Problem> {
        Ok(match self.visit()? {
            Form::Undefined => Identity::Undefined,
            Form::Null => Identity::Null,
            Form::Bool(value) => Identity::Bool(value),
            Form::Number(mut text) => Identity::Number((number(&mut text) + 0.0).to_bits()),
            Form::String(mut text) => Identity::String(unescape(text.value())),
            Form::BigInt(content) => Identity::BigInt(payload::big_int(content)?),
            Form::ArrayBuffer(_) | Form::DataView(_) => Identity::Position(position),
            _ => match self.location {
                TextLocation::Record(index) => Identity::Record(index),
                TextLocation::Json(_) => Identity::Position(position),
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
enum Identity<'d> {
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

fn number(text: &mut Cursor<'_>) -> f64 {
    text.value().parse().unwrap_or(f64::NAN)
}

fn link<'d>(cursor: &mut Cursor<'d>) -> Result<TextLocation<'d>, Problem> {
    match cursor.index() {
        Some(index) => Ok(TextLocation::Record(index)),
        None => Err(Problem::Index(cursor.value().to_owned())),
    }
}

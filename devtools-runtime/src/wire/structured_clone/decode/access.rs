//! The members of containers, in the form that serde's visitors take.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::wire::structured_clone::decode::key::Key;
use crate::wire::structured_clone::error::DecodeError;
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::walk;

/// The members of an array or a set.
pub(super) struct Elements<'d> {
    parent: Node<'d>,
    items: Items<'d>,
    read: usize,
}

/// The members that are not read yet.
pub(super) enum Items<'d> {
    Links(std::slice::Iter<'d, u32>),
    /// They have to be parsed first.
    Texts(walk::Items<'d>),
    Nodes(std::vec::IntoIter<Node<'d>>),
}

impl<'d> Elements<'d> {
    /// Passes the members of `parent` to `visitor`, which must take all of them.
    pub(super) fn visit<V: Visitor<'d>>(
        parent: Node<'d>,
        items: Items<'d>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let mut elements = Self {
            parent,
            items,
            read: 0,
        };
        let value = visitor.visit_seq(&mut elements)?;
        let left = match elements.items {
            Items::Links(links) => links.len(),
            Items::Texts(items) => items.count(),
            Items::Nodes(nodes) => nodes.len(),
        };
        if left > 0 {
            let expected = format!("{} elements", elements.read);
            return Err(DecodeError::invalid_length(
                elements.read + left,
                &expected.as_str(),
            ));
        }
        Ok(value)
    }
}

impl<'d> SeqAccess<'d> for Elements<'d> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'d>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let item = match &mut self.items {
            Items::Links(links) => {
                let link = links.next();
                link.map(|link| self.parent.linked(*link).map_err(DecodeError::from))
            }
            Items::Texts(items) => items.next(),
            Items::Nodes(nodes) => nodes.next().map(Ok),
        };
        let Some(item) = item else {
            return Ok(None);
        };
        let index = self.read;
        self.read += 1;
        item.and_then(|item| seed.deserialize(item))
            .map(Some)
            .map_err(|error| error.at_index(index))
    }

    fn size_hint(&self) -> Option<usize> {
        match &self.items {
            Items::Links(links) => Some(links.len()),
            Items::Texts(_) => None,
            Items::Nodes(nodes) => Some(nodes.len()),
        }
    }
}

/// The properties of an object.
pub(super) struct Properties<'d> {
    rest: PropertyList<'d>,
    /// The property whose key was taken and whose value was not.
    current: Option<(Cow<'d, str>, Node<'d>)>,
}

/// The properties that are not read yet.
pub(super) enum PropertyList<'d> {
    /// Of an object whose keys are distinct strings without escapes: pairs of links.
    Links(Node<'d>, std::slice::ChunksExact<'d, u32>),
    Nodes(std::vec::IntoIter<(Cow<'d, str>, Node<'d>)>),
}

impl<'d> Properties<'d> {
    pub(super) fn new(rest: PropertyList<'d>) -> Self {
        Self {
            rest,
            current: None,
        }
    }
}

impl<'d> MapAccess<'d> for Properties<'d> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'d>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = match &mut self.rest {
            PropertyList::Links(object, links) => match links.next() {
                Some([key, value]) => {
                    let key = object.plain_key(*key)?;
                    Some((Cow::Borrowed(key), object.linked(*value)?))
                }
                _ => None,
            },
            PropertyList::Nodes(properties) => properties.next(),
        };
        match &self.current {
            Some((key, _)) => seed.deserialize(Key(key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'d>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let Some((key, value)) = self.current.take() else {
            return Err(DecodeError::custom("a value was asked for before its key"));
        };
        seed.deserialize(value)
            .map_err(|error| error.under_key(&key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(match &self.rest {
            PropertyList::Links(_, links) => links.len(),
            PropertyList::Nodes(properties) => properties.len(),
        })
    }
}

/// The entries of a `Map`, whose keys are values of any type.
pub(super) struct Entries<'d> {
    rest: std::vec::IntoIter<(Node<'d>, Node<'d>)>,
    current: Option<(Node<'d>, Node<'d>)>,
    read: usize,
}

impl<'d> Entries<'d> {
    pub(super) fn new(entries: Vec<(Node<'d>, Node<'d>)>) -> Self {
        Self {
            rest: entries.into_iter(),
            current: None,
            read: 0,
        }
    }

    /// Adds the location of an entry to an error: its key if that is a string, otherwise its position.
    fn locate(&self, key: Node<'d>, error: DecodeError) -> DecodeError {
        match key.as_str() {
            Some(key) => error.under_key(&key),
            None => error.at_index(self.read - 1),
        }
    }
}

impl<'d> MapAccess<'d> for Entries<'d> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'d>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        self.current = self.rest.next();
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        self.read += 1;
        seed.deserialize(key)
            .map(Some)
            .map_err(|error| self.locate(key, error))
    }

    fn next_value_seed<V: DeserializeSeed<'d>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        let Some((key, value)) = self.current.take() else {
            return Err(DecodeError::custom("a value was asked for before its key"));
        };
        seed.deserialize(value)
            .map_err(|error| self.locate(key, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

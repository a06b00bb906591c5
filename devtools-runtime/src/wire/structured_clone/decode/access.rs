//! The members of containers, in the form that serde's visitors take.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::wire::structured_clone::decode::key::KeyDeserializer;
use crate::wire::structured_clone::error::DecodeError;
use crate::wire::structured_clone::form::ContainerMembers;
use crate::wire::structured_clone::node::Node;
use crate::wire::structured_clone::typed_array::Numbers;
use crate::wire::structured_clone::walk;

/// The members of an array, a set or a typed array.
pub(super) struct ElementAccess<'d> {
    items: RemainingItems<'d>,
    read: usize,
}

/// The members that are not read yet.
pub(super) enum RemainingItems<'d> {
    /// The array, and the links of its members.
    Links(Node<'d>, std::slice::Iter<'d, u32>),
    /// The texts of the members, which have to be parsed first.
    Texts(walk::Items<'d>),
    Nodes(std::vec::IntoIter<Node<'d>>),
    Numbers(Numbers<'d>),
}

impl<'d> ElementAccess<'d> {
    pub(super) fn new(items: RemainingItems<'d>) -> Self {
        Self { items, read: 0 }
    }

    /// Passes the members to a visitor, which must take all of them.
    pub(super) fn visit<V: Visitor<'d>>(mut self, visitor: V) -> Result<V::Value, DecodeError> {
        let value = visitor.visit_seq(&mut self)?;
        self.end()?;
        Ok(value)
    }

    fn end(self) -> Result<(), DecodeError> {
        let left = match self.items {
            RemainingItems::Links(_, links) => links.len(),
            RemainingItems::Texts(items) => items.count(),
            RemainingItems::Nodes(nodes) => nodes.len(),
            RemainingItems::Numbers(numbers) => numbers.count(),
        };
        if left > 0 {
            let expected = format!("{} elements", self.read);
            return Err(DecodeError::invalid_length(
                self.read + left,
                &expected.as_str(),
            ));
        }
        Ok(())
    }
}

impl<'d> SeqAccess<'d> for ElementAccess<'d> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'d>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let item = match &mut self.items {
            RemainingItems::Links(array, links) => {
                let link = links.next();
                link.map(|link| array.linked(*link).map_err(DecodeError::from))
            }
            RemainingItems::Texts(items) => items.next(),
            RemainingItems::Nodes(nodes) => nodes.next().map(Ok),
            RemainingItems::Numbers(numbers) => {
                let Some(number) = numbers.next() else {
                    return Ok(None);
                };
                let number = number.map_err(DecodeError::from);
                return self.located(number.and_then(|number| seed.deserialize(number)));
            }
        };
        match item {
            Some(item) => self.located(item.and_then(|item| seed.deserialize(item))),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        match &self.items {
            RemainingItems::Links(_, links) => Some(links.len()),
            RemainingItems::Texts(_) | RemainingItems::Numbers(_) => None,
            RemainingItems::Nodes(nodes) => Some(nodes.len()),
        }
    }
}

impl ElementAccess<'_> {
    /// Counts a member, and adds its position to its error.
    #[inline]
    fn located<T>(&mut self, value: Result<T, DecodeError>) -> Result<Option<T>, DecodeError> {
        let index = self.read;
        self.read += 1;
        value.map(Some).map_err(|error| error.at_index(index))
    }
}

/// The properties of an object.
pub(super) struct PropertyAccess<'d> {
    rest: PropertyList<'d>,
    /// The property whose key was taken and whose value was not.
    current: Option<(Cow<'d, str>, Node<'d>)>,
}

/// The properties that are not read yet.
enum PropertyList<'d> {
    /// The object, and the links of its keys and values in pairs. The keys are distinct strings without escapes.
    Links(Node<'d>, std::slice::ChunksExact<'d, u32>),
    Nodes(std::vec::IntoIter<(Cow<'d, str>, Node<'d>)>),
}

impl<'d> PropertyAccess<'d> {
    /// Returns the properties of this object.
    #[inline]
    pub(super) fn of(object: Node<'d>, members: ContainerMembers<'d>) -> Result<Self, DecodeError> {
        let rest = match object.distinct_keys(members) {
            Some(links) => PropertyList::Links(object, links.chunks_exact(2)),
            None => PropertyList::Nodes(object.properties(members)?.into_iter()),
        };
        Ok(Self {
            rest,
            current: None,
        })
    }
}

impl<'d> MapAccess<'d> for PropertyAccess<'d> {
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
            Some((key, _)) => seed.deserialize(KeyDeserializer(key)).map(Some),
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
pub(super) struct EntryAccess<'d> {
    rest: std::vec::IntoIter<(Node<'d>, Node<'d>)>,
    current: Option<(Node<'d>, Node<'d>)>,
    read: usize,
}

impl<'d> EntryAccess<'d> {
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

impl<'d> MapAccess<'d> for EntryAccess<'d> {
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

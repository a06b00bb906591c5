//! JavaScript's `Map`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};

use super::string_keys;
use crate::wire::js::marker;

/// Entries that are a `Map` in JavaScript: keys of any type, in insertion order.
///
/// This is a list of pairs and not a hash table, so [`Map::get`] searches. A repeated key is written twice, and the
/// reader keeps the last one. A `HashMap` or `BTreeMap` is a plain object in JavaScript.
///
/// Reads a `Map`, an object, or an array of pairs.
///
/// ```
/// use devtools_runtime::js;
///
/// let mut lines = js::Map::from([("a.ts", 10), ("b.ts", 20)]);
/// assert_eq!(lines.insert("a.ts", 11), Some(10));
/// assert_eq!(lines.get(&"a.ts"), Some(&11));
/// assert_eq!(lines.entries()[0], ("a.ts", 11));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Map<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Map<K, V> {
    /// Creates an empty map.
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// Appends an entry without checking for the key.
    pub fn push(&mut self, key: K, value: V) {
        self.entries.push((key, value));
    }

    /// Sets the value of `key` as JavaScript's `map.set` does: an existing entry keeps its position, a new one is
    /// appended.
    pub fn insert(&mut self, key: K, value: V) -> Option<V>
    where
        K: PartialEq,
    {
        if let Some((_, old)) = self.entries.iter_mut().find(|(other, _)| *other == key) {
            return Some(std::mem::replace(old, value));
        }
        self.push(key, value);
        None
    }

    /// Returns the value of `key`. Compares the keys one by one.
    pub fn get<Q: ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: PartialEq<Q>,
    {
        self.entries
            .iter()
            .find(|(other, _)| other == key)
            .map(|(_, value)| value)
    }

    /// Returns a mutable reference to the value of `key`. Compares the keys one by one.
    pub fn get_mut<Q: ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: PartialEq<Q>,
    {
        let mut entries = self.entries.iter_mut();
        entries.find_map(|(other, value)| (other == key).then_some(value))
    }

    /// Returns the entries in order.
    pub fn entries(&self) -> &[(K, V)] {
        &self.entries
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns `true` if there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Iterates over the entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }
}

crate::default_is_new!(Map<K, V>);

impl<K, V> From<Vec<(K, V)>> for Map<K, V> {
    fn from(entries: Vec<(K, V)>) -> Self {
        Self { entries }
    }
}

impl<K, V, const N: usize> From<[(K, V); N]> for Map<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        Self {
            entries: entries.into(),
        }
    }
}

impl<K, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}

impl<K, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.entries.extend(entries);
    }
}

impl<K, V> IntoIterator for Map<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(marker::MAP, &MapContent(&self.entries))
    }
}

/// The content of a map: an object if all keys are strings, otherwise pairs.
struct MapContent<'a, K, V>(&'a [(K, V)]);

impl<K: Serialize, V: Serialize> Serialize for MapContent<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.iter().all(|(key, _)| string_keys::is_string(key)) {
            serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
        } else {
            serializer.collect_seq(self.0)
        }
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MapVisitor(PhantomData))
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for MapVisitor<K, V> {
    type Value = Map<K, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a Map, an object or an array of pairs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Map<K, V>, A::Error> {
        let mut map = Map::new();
        while let Some(entry) = entries.next_entry()? {
            map.entries.push(entry);
        }
        Ok(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Map<K, V>, A::Error> {
        let mut map = Map::new();
        while let Some(entry) = pairs.next_element()? {
            map.entries.push(entry);
        }
        Ok(map)
    }
}

//! JavaScript's `Set`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::js::marker;

/// Members that are a `Set` in JavaScript, in insertion order.
///
/// This is a list and not a hash table. A repeated member is written twice, and the reader keeps one. A `HashSet` or
/// `BTreeSet` is an array in JavaScript.
///
/// Reads a `Set` or an array.
///
/// ```
/// use devtools_runtime::js;
///
/// let mut files = js::Set::from(["a.ts"]);
/// assert!(files.insert("b.ts") && !files.insert("a.ts"));
/// assert_eq!(files.members(), ["a.ts", "b.ts"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set<T> {
    members: Vec<T>,
}

impl<T> Set<T> {
    /// Creates an empty set.
    pub const fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// Appends a member without checking for it.
    pub fn push(&mut self, member: T) {
        self.members.push(member);
    }

    /// Adds a member as JavaScript's `set.add` does. Returns `true` if it was new.
    pub fn insert(&mut self, member: T) -> bool
    where
        T: PartialEq,
    {
        let new = !self.members.contains(&member);
        if new {
            self.members.push(member);
        }
        new
    }

    /// Returns the members in order.
    pub fn members(&self) -> &[T] {
        &self.members
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns `true` if there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Iterates over the members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.members.iter()
    }
}

crate::default_is_new!(Set<T>);

impl<T> From<Vec<T>> for Set<T> {
    fn from(members: Vec<T>) -> Self {
        Self { members }
    }
}

impl<T, const N: usize> From<[T; N]> for Set<T> {
    fn from(members: [T; N]) -> Self {
        Self {
            members: members.into(),
        }
    }
}

impl<T> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self {
            members: members.into_iter().collect(),
        }
    }
}

impl<T> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        self.members.extend(members);
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Set<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter()
    }
}

impl<T: Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(marker::SET, &self.members)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

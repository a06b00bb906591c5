//! The state of plugins: one value for each type, stored once and then borrowed.
//!
//! The values form a list that only grows at its end, so a reference into it stays valid while the context lives, and a
//! reader takes no lock. A context has few values, and walking a short list is cheaper than hashing.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::OnceLock;

use crate::function::PluginState;

#[derive(Default)]
pub(crate) struct StateMap {
    first: Link,
}

type Link = OnceLock<Box<Entry>>;

struct Entry {
    type_name: &'static str,
    value: Box<dyn Any + Send + Sync>,
    next: Link,
}

/// The error of [`DevToolsContext::insert_state`](crate::DevToolsContext::insert_state): the context already has state of
/// this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the context already holds state of type `{type_name}`: wrap one of the two in a type of its own"
)]
#[non_exhaustive]
pub struct DuplicateState {
    /// The path of the type.
    pub type_name: &'static str,
}

impl StateMap {
    pub(crate) fn insert<T: PluginState>(&self, value: T) -> Result<(), DuplicateState> {
        let type_name = type_name::<T>();
        let mut entry = Box::new(Entry {
            type_name,
            value: Box::new(value),
            next: Link::new(),
        });
        let mut link = &self.first;
        loop {
            match link.get() {
                Some(taken) if taken.holds(TypeId::of::<T>()) => {
                    return Err(DuplicateState { type_name });
                }
                Some(taken) => link = &taken.next,
                None => match link.set(entry) {
                    Ok(()) => return Ok(()),
                    // Another thread has set this link first: the loop looks at its entry next.
                    Err(back) => entry = back,
                },
            }
        }
    }

    /// Returns the value of this type. Inserts the default first if there is none.
    pub(crate) fn find_or_default<T: PluginState + Default>(&self) -> &T {
        let mut link = &self.first;
        loop {
            let entry = link.get_or_init(|| {
                Box::new(Entry {
                    type_name: type_name::<T>(),
                    value: Box::new(T::default()),
                    next: Link::new(),
                })
            });
            match entry.value.downcast_ref() {
                Some(value) => return value,
                None => link = &entry.next,
            }
        }
    }

    pub(crate) fn find(&self, type_id: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        self.entries()
            .find(|entry| entry.holds(type_id))
            .map(|entry| &*entry.value)
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        std::iter::successors(self.first.get(), |entry| entry.next.get()).map(|entry| &**entry)
    }
}

impl Entry {
    fn holds(&self, type_id: TypeId) -> bool {
        (*self.value).type_id() == type_id
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.entries().map(|entry| entry.type_name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use super::StateMap;
    use crate::function::PluginState;

    #[derive(Debug, Default, PartialEq)]
    struct Files(u8);
    impl PluginState for Files {}
    struct Options;
    impl PluginState for Options {}

    #[test]
    fn each_type_has_one_value() {
        let map = StateMap::default();
        assert!(map.find(TypeId::of::<Files>()).is_none());
        map.insert(Options).unwrap();
        map.insert(Files(1)).unwrap();
        let error = map.insert(Files(2)).unwrap_err();
        assert!(error.to_string().contains("state::tests::Files"), "{error}");
        let files = map
            .find(TypeId::of::<Files>())
            .and_then(|any| any.downcast_ref());
        assert_eq!(files, Some(&Files(1)));
        assert_eq!(map.find_or_default::<Files>(), &Files(1));
    }

    #[test]
    fn a_value_that_is_missing_is_inserted_once() {
        let map = StateMap::default();
        map.insert(Options).unwrap();
        let first: &Files = map.find_or_default();
        assert_eq!(first, &Files(0));
        assert!(std::ptr::eq(first, map.find_or_default()));
        assert!(map.insert(Files(2)).is_err());
    }
}

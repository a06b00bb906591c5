//! The state of plugins: one value for each type, stored once and then borrowed.
//!
//! A context has few values, and walking a short list is cheaper than hashing.

use std::any::{Any, TypeId, type_name};

use crate::function::PluginState;
use crate::growing_list::GrowingList;

/// The values, by type.
#[derive(Default)]
pub(crate) struct StateMap(GrowingList<PluginValue>);

struct PluginValue {
    type_name: &'static str,
    value: Box<dyn Any + Send + Sync>,
}

/// The error of [`DevToolsContext::insert_state`](crate::DevToolsContext::insert_state): the context already has state of
/// this type.
///
/// ```
/// use devtools_runtime::{DevTools, PluginState};
///
/// #[derive(PluginState)]
/// struct Counter(u32);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// ctx.insert_state(Counter(1))?;
/// let again = ctx.insert_state(Counter(2)).unwrap_err();
/// assert!(again.type_name.ends_with("::Counter"));
/// # Ok(())
/// # }
/// ```
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
        let value = PluginValue {
            type_name,
            value: Box::new(value),
        };
        let added = self.0.add(value, |known, _| known.holds(TypeId::of::<T>()));
        added.map(drop).map_err(|_| DuplicateState { type_name })
    }

    /// Returns the value of this type. Inserts the default first if there is none.
    pub(crate) fn find_or_default<T: PluginState + Default>(&self) -> &T {
        loop {
            let found = self.find(TypeId::of::<T>());
            if let Some(value) = found.and_then(|found| found.downcast_ref()) {
                return value;
            }
            // An error means that another thread has inserted one meanwhile.
            self.insert(T::default()).ok();
        }
    }

    pub(crate) fn find(&self, type_id: TypeId) -> Option<&(dyn Any + Send + Sync)> {
        let found = self.0.iter().find(|value| value.holds(type_id))?;
        Some(&*found.value)
    }
}

impl PluginValue {
    fn holds(&self, type_id: TypeId) -> bool {
        (*self.value).type_id() == type_id
    }
}

crate::debug_impl! { StateMap as it [it.0.iter().map(|value| value.type_name)] }

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

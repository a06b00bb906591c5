//! The configurations that a context has been told of.
//!
//! A reader borrows the latest one for as long as its context lives, without a lock. A configuration that is equal to an earlier one
//! is not stored again: the list grows when somebody edits the project's configuration, and not when Vite restarts or attaches
//! again.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::growing_list::GrowingList;
use crate::protocol::vite::ViteConfig;

#[derive(Debug, Default)]
pub(super) struct Configs {
    all: GrowingList<ViteConfig>,
    /// The position of the latest configuration, counted from 1. 0 means that there is none.
    latest: AtomicUsize,
}

impl Configs {
    /// Makes `config` the latest one.
    pub(super) fn set(&self, config: ViteConfig) {
        let (Ok(position) | Err(position)) = self.all.add(config, ViteConfig::eq);
        self.latest.store(position + 1, Ordering::Release);
    }

    pub(super) fn latest(&self) -> Option<&ViteConfig> {
        let position = self.latest.load(Ordering::Acquire).checked_sub(1)?;
        self.all.iter().nth(position)
    }
}

#[cfg(test)]
mod tests {
    use super::Configs;
    use crate::protocol::vite::ViteConfig;

    #[test]
    fn the_latest_configuration_is_found_and_an_equal_one_is_stored_once() {
        let configs = Configs::default();
        assert_eq!(configs.latest(), None);
        let config = |mode: &str| ViteConfig {
            mode: mode.to_owned(),
            ..ViteConfig::default()
        };
        configs.set(config("a"));
        let first = configs.latest().unwrap();
        configs.set(config("b"));
        assert_eq!(configs.latest(), Some(&config("b")));
        configs.set(config("a"));
        assert!(std::ptr::eq(configs.latest().unwrap(), first));
    }
}

//! The Vite configurations that a context has received.
//!
//! A reader borrows the current configuration without a lock, for as long as the context lives. A configuration that
//! is equal to an earlier one is not stored again: the list grows when the project's configuration is edited, and not
//! when Vite restarts or attaches again.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::growing_list::GrowingList;
use crate::protocol::vite::ViteConfig;

#[derive(Debug, Default)]
pub(super) struct Configs {
    all: GrowingList<ViteConfig>,
    /// The position of the current configuration, counted from 1. 0 means that there is none.
    current: AtomicUsize,
}

impl Configs {
    /// Makes `config` the current one. Returns its position.
    pub(super) fn set(&self, config: ViteConfig) -> usize {
        let (Ok(position) | Err(position)) = self.all.add(config, ViteConfig::eq);
        self.select(position);
        position
    }

    /// Makes the configuration at `position` the current one.
    pub(super) fn select(&self, position: usize) {
        self.current.store(position + 1, Ordering::Release);
    }

    pub(super) fn current(&self) -> Option<&ViteConfig> {
        let position = self.current.load(Ordering::Acquire).checked_sub(1)?;
        self.all.iter().nth(position)
    }
}

#[cfg(test)]
mod tests {
    use super::Configs;
    use crate::protocol::vite::ViteConfig;

    #[test]
    fn the_current_configuration_is_found_and_an_equal_one_is_stored_once() {
        let configs = Configs::default();
        assert_eq!(configs.current(), None);
        let config = |mode: &str| ViteConfig {
            mode: mode.to_owned(),
            ..ViteConfig::default()
        };
        let position = configs.set(config("a"));
        let first = configs.current().unwrap();
        configs.set(config("b"));
        assert_eq!(configs.current(), Some(&config("b")));
        assert_eq!(configs.set(config("a")), position);
        assert!(std::ptr::eq(configs.current().unwrap(), first));
    }
}

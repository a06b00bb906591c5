//! The configurations that a context has been told of.
//!
//! They form a list that only grows at its end, so that a reader borrows the latest one for as long as its context lives, without a
//! lock. A configuration that is equal to an earlier one is not stored again: the list grows when somebody edits the project's
//! configuration, and not when Vite restarts or attaches again.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::protocol::vite::ViteConfig;

#[derive(Debug, Default)]
pub(super) struct Configs {
    first: Link,
    /// The position of the latest configuration, counted from 1. 0 means that there is none.
    latest: AtomicUsize,
}

type Link = OnceLock<Box<Entry>>;

#[derive(Debug)]
struct Entry {
    config: ViteConfig,
    next: Link,
}

impl Configs {
    /// Makes `config` the latest one.
    pub(super) fn set(&self, config: ViteConfig) {
        let mut entry = Box::new(Entry {
            config,
            next: Link::new(),
        });
        let mut link = &self.first;
        let mut position = 1;
        loop {
            match link.get() {
                Some(known) if known.config == entry.config => break,
                Some(known) => {
                    link = &known.next;
                    position += 1;
                }
                None => match link.set(entry) {
                    Ok(()) => break,
                    // Another thread has set this link first: the loop looks at its entry next.
                    Err(back) => entry = back,
                },
            }
        }
        self.latest.store(position, Ordering::Release);
    }

    pub(super) fn latest(&self) -> Option<&ViteConfig> {
        let position = self.latest.load(Ordering::Acquire);
        let entries =
            std::iter::successors(self.first.get(), |entry| entry.next.get()).map(|entry| &**entry);
        entries
            .take(position)
            .last()
            .map(|entry: &Entry| &entry.config)
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

#![doc = include_str!("../docs/modules/testing.md")]

mod vite;

pub use self::vite::{AttachedVite, MockVite};

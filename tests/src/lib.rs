//! Helpers that the end-to-end tests share: a server with functions of every kind, how Node is run, the log of a test, how they wait, connections without a client, and packages
//! of their own.

pub mod api;
pub mod book;
pub mod certificates;
pub mod codes;
pub mod fixture;
pub mod fresh;
pub mod http;
pub mod log;
pub mod node;
pub mod poll;
pub mod typecheck;
pub mod wait;
pub mod wire;

/// The text with every id of an internal error left out: `internal error (id)`.
///
/// # Panics
///
/// If what stands there is no id.
#[must_use]
pub fn with_id(text: &str) -> String {
    let mut parts = text.split("internal error (id ");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (id, rest) = part.split_at(8);
        assert!(id.chars().all(|c| c.is_ascii_hexdigit()), "{text}");
        without.push_str("internal error (id");
        without.push_str(rest);
    }
    without
}

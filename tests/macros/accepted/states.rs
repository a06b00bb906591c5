//! Nothing is taken from the prelude, no name of the expansion clashes, and no lint complains.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, missing_debug_implementations)]

/// The shadow of the language.
mod core {}

/// A shadow of a name that the expansion might use.
#[allow(dead_code)]
struct Result;

/// A value.
#[derive(Debug, Clone, ::serde::Serialize, ::serde::Deserialize)]
pub struct SharedState {
    /// How much is done.
    pub done: u32,
}

/// Documented.
#[::devtools_runtime::rpc_shared_state(name = "my-plugin:progress", patches)]
pub struct Progress(SharedState);

#[::devtools_runtime::rpc_shared_state(crate = ::devtools_runtime)]
struct Unnamed(::std::vec::Vec<u8>);

#[::core::prelude::v1::test]
fn accepted() {
    ::std::assert_eq!(Progress::NAME, "my-plugin:progress");
    ::std::assert_eq!(Unnamed::NAME, "macros:unnamed");
    ::std::assert_eq!(
        Progress::options(),
        ::devtools_runtime::state::StateOptions::new().patches()
    );
}

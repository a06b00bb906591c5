//! Nothing is taken from the prelude, no name of the expansion clashes, and no lint complains.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, missing_debug_implementations)]

use ::std::string::String;

/// The shadow of the language.
mod core {}

/// A shadow of a name that the expansion might use.
#[allow(dead_code)]
struct Result;

/// A chunk.
#[derive(Debug, ::serde::Serialize, ::serde::Deserialize)]
pub struct Channel {
    /// Its text.
    pub text: String,
}

/// Documented.
#[::devtools_runtime::rpc_channel(
    name = "my-plugin:chat",
    replay = 256,
    encoding = "structured-clone"
)]
pub struct Chat(Channel);

#[::devtools_runtime::rpc_channel(crate = ::devtools_runtime)]
struct Unnamed(::std::vec::Vec<u8>);

#[::core::prelude::v1::test]
fn accepted() {
    ::std::assert_eq!(Chat::NAME, "my-plugin:chat");
    ::std::assert_eq!(Unnamed::NAME, "macros:unnamed");
    ::std::assert_eq!(
        Chat::options(),
        ::devtools_runtime::streaming::ChannelOptions::new()
            .replay(256)
            .encoding(::devtools_runtime::Encoding::StructuredClone)
    );
}

//! Strict lints, no prelude, and every name that an expansion could want taken by something else.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused, unused_qualifications, unreachable_pub)]

use ::devtools_runtime::{RpcError, rpc_function};

#[allow(dead_code)]
mod core {}
#[allow(dead_code)]
mod std {}
#[allow(dead_code)]
mod serde {}
#[allow(dead_code)]
struct Some;
#[allow(dead_code)]
struct Option;
#[allow(dead_code)]
struct Result;
#[allow(dead_code, non_camel_case_types)]
struct str;
#[allow(dead_code)]
struct Disclosure;
#[allow(dead_code, non_upper_case_globals)]
const field0: u8 = 0;
#[allow(dead_code, non_upper_case_globals)]
const code: u8 = 0;
#[allow(dead_code, non_upper_case_globals)]
const data: u8 = 0;

/// Everything that can be in an error.
#[derive(::core::fmt::Debug, RpcError)]
#[non_exhaustive]
pub enum ReadError {
    /// Raw names.
    NotFound {
        /// A keyword.
        r#type: ::real_std::string::String,
        /// The name of a local.
        field0: u8,
        /// Another.
        data: ::core::option::Option<u8>,
    },
    /// As the prelude has it.
    None,
    /// Of an old version.
    #[deprecated]
    Old(u8, u8),
    /// It is not compiled.
    #[cfg(any())]
    Never(NoSuchType),
}

impl ::core::fmt::Display for ReadError {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("cannot read")
    }
}

impl ::core::error::Error for ReadError {}

/// Fails.
#[rpc_function(name = "my-plugin:read")]
pub fn read() -> ::core::result::Result<u8, ReadError> {
    ::core::result::Result::Err(ReadError::NotFound {
        r#type: ::real_std::string::String::new(),
        field0: 1,
        data: ::core::option::Option::None,
    })
}

#[::core::prelude::v1::test]
fn accepted() {
    ::real_std::assert_eq!(RpcError::code(&ReadError::None), "none");
    ::real_std::mem::drop(read());
}

//! The expansions take nothing from where they stand: names that mean something else, every lint denied.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    dead_code,
    missing_debug_implementations,
    missing_copy_implementations
)]
#![allow(non_camel_case_types)]
#![deny(
    unreachable_pub,
    unused_qualifications,
    elided_lifetimes_in_paths,
    unused_results
)]

use renamed::{DevToolsRpcClient, rpc_function};

/// Not the crate.
pub mod devtools_runtime {}
/// Not the crate.
pub mod core {}

/// Not the one of the prelude.
pub trait Sized {}
/// Not the one of the prelude.
#[derive(Debug, Clone, Copy)]
pub struct Vec;
/// Not the primitive type.
#[derive(Debug, Clone, Copy)]
pub struct str;

/// A list under no prelude.
pub mod bare {
    #![no_implicit_prelude]

    /// Waits.
    #[crate::renamed::rpc_function(name = "hygiene-list:wait", crate = crate::renamed)]
    pub fn wait() {}

    crate::renamed::rpc_functions! {
        /// A list.
        pub struct Functions { Wait }
    }
}

/// Reads.
#[rpc_function(name = "hygiene-list:read", crate = renamed)]
pub fn read(function: ::std::string::String, peer: u8) -> ::std::string::String {
    let _ = peer;
    function
}

renamed::rpc_functions! {
    /// A list.
    pub struct Functions { Read }
}

/// A function with a name that `call!` declares.
#[must_use]
pub fn find(through: &::std::primitive::str) -> &::std::primitive::str {
    through
}

/// Calls, with arguments that are named as what `call!` declares.
pub async fn call(rpc: &DevToolsRpcClient<Functions>) -> ::std::string::String {
    let (function, peer, through, id) = ("f", 1, "t", rpc.clone());
    let first = renamed::call!(id, "hygiene-list:read", find(function), peer).await;
    let second = renamed::call!(&&rpc, "hygiene-list:read", through, peer).await;
    match (first, second) {
        (::std::result::Result::Ok(first), ::std::result::Result::Ok(_)) => first,
        _ => ::std::string::String::new(),
    }
}

#[test]
fn accepted() {
    renamed::assert_registered!("hygiene-list:read");
    renamed::assert_registered!(Read,);
}

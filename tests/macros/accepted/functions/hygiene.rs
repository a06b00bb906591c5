//! The expansion takes nothing from where it stands: no prelude, and names that mean something else.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, dead_code, missing_debug_implementations)]
#![deny(unreachable_pub, unused_qualifications, elided_lifetimes_in_paths)]
#![allow(non_camel_case_types)]

use ::devtools_runtime::{DevToolsContext, PluginState, RpcSession, rpc_function};

/// Not the one of the prelude.
#[derive(::std::fmt::Debug)]
pub struct Result;
/// Not the one of the prelude.
#[derive(::std::fmt::Debug)]
pub struct Option;
/// Not the one of the prelude.
#[derive(::std::fmt::Debug)]
pub struct Future;
/// Not the one of the prelude.
pub trait Send {}
/// Not the crate.
pub mod core {}
/// Not the crate.
pub mod std {}
/// Not the crate.
pub mod devtools_runtime {}
/// Not the primitive type.
#[derive(::std::fmt::Debug)]
pub struct usize;
/// Not the primitive type.
#[derive(::std::fmt::Debug)]
pub struct bool;
/// Not the primitive type.
#[derive(::std::fmt::Debug)]
pub struct str;

type String = ::std::string::String;

/// Not the macro.
#[macro_export]
macro_rules! line {
    () => {};
}

/// State of a plugin.
#[derive(::std::fmt::Debug, PluginState)]
pub struct Hits(pub u64);

/// Reads.
#[rpc_function(name = "hygiene:read")]
pub fn read(
    hits: &Hits,
    _ctx: &DevToolsContext,
    session: &RpcSession,
    id: String,
    limit: ::std::option::Option<u64>,
) -> ::std::result::Result<u64, ::std::fmt::Error> {
    let _ = (session.id(), id);
    if ::std::option::Option::is_some(&limit) {
        return ::std::result::Result::Err(::std::fmt::Error);
    }
    ::std::result::Result::Ok(hits.0)
}

#[rpc_function(name = "hygiene:wait", kind = "action", encoding = "structured-clone")]
async fn wait() {}

/// Told to clients.
#[rpc_function(name = "hygiene:told", kind = "event", side = "client")]
pub async fn told(line: String);

/// Asked of clients.
#[rpc_function(name = "hygiene:asked", kind = "query", side = "client")]
pub async fn asked(line: String) -> ::std::option::Option<String>;

#[::core::prelude::v1::test]
fn accepted() {
    let definition = Read::definition();
    let of_read = definition.parameters();
    ::std::assert_eq!(of_read.len(), 2);
    ::std::assert_eq!((of_read[0].name, of_read[0].optional), ("id", false));
    ::std::assert_eq!((of_read[1].name, of_read[1].optional), ("limit", true));
    ::std::assert_eq!(Wait::NAME, "hygiene:wait");
    ::std::assert_eq!(Told::NAME, "hygiene:told");
    ::std::assert_eq!(Asked::NAME, "hygiene:asked");
}

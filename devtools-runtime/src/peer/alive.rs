//! The call by which a side checks that the other one is still there.
//!
//! The protocol has no such request. This is an optional call in a namespace of its own: a JavaScript peer does not know
//! the function and answers `undefined`, as the protocol says of optional calls ([protocol 1.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#14-handling-a-request)). A peer of this crate answers
//! `undefined` too, before it does anything else with the request.

/// The name of the function.
pub(crate) const ALIVE: &str = "devtools-runtime:alive";

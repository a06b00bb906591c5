//! The hash of a call's arguments, by which a dump finds the call's record ([protocol 8.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#85-the-hash-of-arguments)).
//!
//! It is the SHA-256 of the text that the JavaScript library `ohash` writes for the array of arguments. [`text`]
//! writes the same text, straight into the digest; [`order`] sorts keys and members in it. Two different values can
//! have the same text, and the text of an object with a key `constructor` is an accident of JavaScript. Both are
//! reproduced, because the hash names the files of a dump.
//!
//! One difference remains: JavaScript strings may hold unpaired surrogates, which are U+FFFD in Rust. As values they
//! hash the same; as keys they may be sorted differently.

mod argument_hash;
mod error;
mod order;
mod text;

#[cfg(test)]
mod tests;

#[cfg(feature = "_fuzz")]
pub(crate) use self::argument_hash::length_of_text;
pub(crate) use self::argument_hash::{ArgumentHash, hash_arguments, hash_payload};

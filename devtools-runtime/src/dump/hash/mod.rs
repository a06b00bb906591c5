//! The hash of a call's arguments, by which a dump finds the call's record ([protocol 8.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#85-the-hash-of-arguments)).
//!
//! It is the SHA-256 of the text that the JavaScript library `ohash` writes for the array of arguments. [`text`]
//! writes the same text, straight into the digest; [`order`] sorts keys and members in it. Two different values can
//! have the same text, and the text of an object with a key `constructor` is an accident of JavaScript. Both are
//! reproduced, because the hash names the files of a dump.
//!
//! One difference remains: JavaScript strings may hold unpaired surrogates, which are U+FFFD in Rust. As values they
//! hash the same; as keys they may be sorted differently.

mod order;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use crate::wire::{Payload, ReadError, js};

/// The hash of one array of arguments.
///
/// Its `Display` writes 43 characters of base64url without padding, as in the name of the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ArgumentHash([u8; 32]);

/// The reason why arguments have no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashError {
    /// JavaScript throws a `TypeError` here, because it reads the constructor of an object.
    #[error("an object whose key `constructor` is {0} has no hash")]
    Constructor(&'static str),
    /// JavaScript throws an `Error` here, because it has no text for values of this class.
    #[error("an argument of the class `{0}` has no hash")]
    Class(&'static str),
    /// The arguments are nested deeper than the wire allows.
    #[error(
        "the arguments are nested deeper than {} levels (`Limits::DEPTH`)",
        crate::wire::MAX_DEPTH
    )]
    TooDeep,
    /// The payload is not an array.
    #[allow(dead_code, reason = "as `hash_payload`")]
    #[error("the arguments are not an array")]
    NotAnArray,
    /// The payload could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Computes the hash of these arguments.
///
/// # Errors
///
/// [`HashError`] if JavaScript cannot hash them either, or if they are nested too deep.
pub(crate) fn hash_arguments(arguments: &[js::Value]) -> Result<ArgumentHash, HashError> {
    let mut digest = Digest(Sha256::new());
    text::write(&mut digest, arguments)?;
    Ok(ArgumentHash(digest.0.finalize().into()))
}

/// Returns the length in bytes of the text that is hashed.
#[cfg(feature = "_fuzz")]
pub(crate) fn length_of_text(arguments: &[js::Value]) -> Result<usize, HashError> {
    let mut text = String::new();
    text::write(&mut text, arguments)?;
    Ok(text.len())
}

/// Computes the hash of a payload of arguments. An absent payload is the empty array.
///
/// # Errors
///
/// As [`hash_arguments`], and if the payload is not an array that can be read.
#[allow(
    dead_code,
    reason = "not every combination of features hashes what is on the wire"
)]
pub(crate) fn hash_payload(arguments: Payload<'_>) -> Result<ArgumentHash, HashError> {
    if matches!(arguments, Payload::Absent) {
        return hash_arguments(&[]);
    }
    match arguments.read()? {
        js::Value::Array(arguments) => hash_arguments(&arguments),
        _ => Err(HashError::NotAnArray),
    }
}

impl ArgumentHash {
    /// The length of the displayed hash in characters.
    pub(crate) const LENGTH: usize = 43;
}

#[cfg(feature = "client")]
impl ArgumentHash {
    /// Parses a displayed hash. Returns `None` if the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::LENGTH {
            return None;
        }
        let mut bytes = [0; 32];
        // The last digit has unused bits, which must be zero, so that a hash has only one text.
        BASE64URL_NOPAD
            .decode_mut(text.as_bytes(), &mut bytes)
            .ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for ArgumentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        BASE64URL_NOPAD.encode_display(&self.0).fmt(formatter)
    }
}

impl fmt::Debug for ArgumentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A digest that implements [`fmt::Write`].
struct Digest(Sha256);

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

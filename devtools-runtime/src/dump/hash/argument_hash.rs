//! The hash of the arguments of one call.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use crate::dump::hash::error::HashError;
use crate::dump::hash::text;
use crate::wire::{Payload, js};

/// The hash of one array of arguments.
///
/// Its `Display` writes 43 characters of base64url without padding, as in the name of the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ArgumentHash([u8; 32]);

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

crate::debug_impl! { ArgumentHash as it => "{it}" }

/// A digest that implements [`fmt::Write`].
struct Digest(Sha256);

impl fmt::Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

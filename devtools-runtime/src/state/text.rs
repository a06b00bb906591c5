//! A value as structured-clone text, and back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::wire::{self, DecodeError, Document, EncodeError, js};

/// The text of a value. Equal texts are equal values; the reverse does not hold where the order of keys does not
/// count, as in a `HashMap`.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, EncodeError> {
    let mut text = String::new();
    wire::write_clone(&mut text, value)?;
    Ok(text)
}

/// The value of a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    Document::parse(text)?.root().read()
}

/// The value of a text that was written here. What cannot be read again counts as `undefined`.
pub(crate) fn any(text: &str) -> js::Value {
    read(text).unwrap_or_default()
}

//! Writes a value as structured-clone text.

use serde::Serialize;

use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::limits::MAX_DEPTH;
use crate::wire::structured_clone::records::Records;

/// Writes `value` as structured-clone text.
///
/// # Errors
///
/// [`EncodeError`] if the value holds something that has no form in JavaScript, or is nested too deep.
#[cfg(test)]
pub(crate) fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, EncodeError> {
    let mut text = String::new();
    write(&mut text, value)?;
    Ok(text)
}

/// Appends `value` to `out` as structured-clone text.
///
/// # Errors
///
/// [`EncodeError`] as for [`to_string`]. `out` is then unchanged.
pub(crate) fn write<T: Serialize + ?Sized>(out: &mut String, value: &T) -> Result<(), EncodeError> {
    write_levels(out, value, MAX_DEPTH)
}

/// Appends `value` to `out`, with this limit on nested containers.
///
/// # Errors
///
/// Those of [`write()`].
pub(crate) fn write_levels<T: Serialize + ?Sized>(
    out: &mut String,
    value: &T,
    levels: usize,
) -> Result<(), EncodeError> {
    let mut records = Records::new(levels);
    value.serialize(&mut records)?;
    records.write(out);
    Ok(())
}

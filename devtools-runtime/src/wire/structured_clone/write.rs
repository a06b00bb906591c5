//! Writes a value as structured-clone text.

use std::cell::Cell;

use serde::Serialize;

use crate::wire::structured_clone::error::EncodeError;
use crate::wire::structured_clone::limits::MAX_DEPTH;
use crate::wire::structured_clone::records::RecordWriter;

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
    let mut records = take(levels);
    let written = value.serialize(&mut *records);
    finish(out, records, written.map(drop))
}

/// Returns empty records. Like [`finish`] it is not generic, so that little is compiled for each type.
fn take(levels: usize) -> Box<RecordWriter> {
    // A thread that ends has no records any more.
    let stored = STORED.try_with(Cell::take).unwrap_or_default();
    let mut records = stored.unwrap_or_default();
    records.begin(levels);
    records
}

/// Appends the records to `out` if the whole value could be written. Stores the buffers of the records in any case.
fn finish(
    out: &mut String,
    records: Box<RecordWriter>,
    written: Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    if written.is_ok() {
        records.write(out);
    }
    if records.capacity() <= STORED_BYTES {
        // A thread that ends has no records any more.
        let _ = STORED.try_with(|stored| stored.set(Some(records)));
    }
    written
}

/// The size in bytes of the largest buffers that a thread stores for the next text.
const STORED_BYTES: usize = 64 * 1024;

thread_local! {
    /// The buffers in which records are collected. It is `None` while a value is written.
    static STORED: Cell<Option<Box<RecordWriter>>> = const { Cell::new(None) };
}

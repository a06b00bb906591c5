//! Writes generated files, or compares them with their expected content.

use std::fs;
use std::io;
use std::path::Path;

use crate::typescript::lines::diff;

/// Writes the text, unless the file already has it, so that programs that watch the file are not notified in vain.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

/// Describes how a generated file differs from what it should contain. Returns `None` if it is up to date. Line
/// endings are ignored.
pub(crate) fn check(file: &Path, text: &str) -> io::Result<Option<String>> {
    let old = match fs::read_to_string(file) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let difference = diff(&old, text);
    Ok((!difference.is_empty()).then_some(difference))
}

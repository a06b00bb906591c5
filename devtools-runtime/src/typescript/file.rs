//! Generated files: written, or compared with what is to be in them.

use std::fs;
use std::io;
use std::path::Path;

use crate::typescript::lines::diff;

/// Writes the text, unless the file has it already: who watches the file is not told of nothing.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

/// What of a file is not as it is to be; `None` for one that is fresh. Line ends do not count.
pub(crate) fn check(file: &Path, text: &str) -> io::Result<Option<String>> {
    let old = match fs::read_to_string(file) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let difference = diff(&old, text);
    Ok((!difference.is_empty()).then_some(difference))
}

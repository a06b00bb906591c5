//! Opening files of a dump, which anybody may have put there.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Opens a file to be read.
///
/// A FIFO or a device is an error: opening a FIFO would wait for somebody who writes, with a thread that nothing can
/// stop.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;

        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        #[expect(clippy::cast_possible_wrap, reason = "C has these flags as an `int`")]
        options.custom_flags(flags.bits() as i32);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a regular file",
        ))
    }
}

/// Reads a text file.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

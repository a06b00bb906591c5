//! The lock of a folder that is being written.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::dump::write::side_file::{SIDE_FILE, SideFileWriter};
use crate::files::{FileLock, try_lock};

/// What tells other builds that a folder is being written: a lock on its side file, which ends with the program.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Makes the side file of a new folder, and locks it.
    pub(super) fn make(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SIDE_FILE);
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        // From here on it is known to be ours.
        let begun = SideFileWriter::begin(Vec::new()).and_then(SideFileWriter::finish)?;
        file.write_all(&begun)?;
        let is_free = lock(&file)?;
        // Somebody may have found it unlocked.
        if !is_free || !path.exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self(file))
    }

    /// Locks a folder whose program is gone; `None` if it is not, or the folder is.
    pub(super) fn take(folder: &Path) -> Option<Self> {
        let file = File::open(folder.join(SIDE_FILE)).ok()?;
        let is_free = lock(&file).unwrap_or(true);
        is_free.then_some(Self(file))
    }

    /// Whether what is locked still is the side file of this folder.
    #[cfg(unix)]
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        let identity = |file: fs::Metadata| (file.dev(), file.ino());
        let there = fs::metadata(folder.join(SIDE_FILE)).map(identity).ok();
        there.is_some() && self.0.metadata().map(identity).ok() == there
    }

    /// An open file cannot be replaced there.
    #[cfg(not(unix))]
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        folder.join(SIDE_FILE).exists()
    }

    /// The side file itself, at its beginning.
    pub(super) fn file(&self) -> io::Result<File> {
        use std::io::Seek as _;

        let mut file = self.0.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

/// Locks the side file until it is closed. Returns `false` if another program has locked it. Where files cannot be locked, an
/// open file cannot be removed, so the folder of a running build stays.
fn lock(file: &File) -> io::Result<bool> {
    Ok(try_lock(file)? != FileLock::Taken)
}

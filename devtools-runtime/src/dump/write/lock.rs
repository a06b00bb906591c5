//! The lock of a folder that is being written.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::dump::write::side_file::{SIDE_FILE, SideFileWriter};
use crate::files::{FileLock, try_lock};

/// A lock on the side file of a folder. It tells other builds that the folder is in use, and ends with the program.
#[derive(Debug)]
pub(super) struct FolderLock(File);

impl FolderLock {
    /// Creates and locks the side file of a new folder.
    pub(super) fn make(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SIDE_FILE);
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        // From here on the folder is marked as a build's.
        let begun = SideFileWriter::begin(Vec::new()).and_then(SideFileWriter::finish)?;
        file.write_all(&begun)?;
        let is_free = lock(&file)?;
        // Another build may have found the file before it was locked.
        if !is_free || !path.exists() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self(file))
    }

    /// Locks a folder whose program has ended. Returns `None` if the program still runs or the folder is gone.
    pub(super) fn take(folder: &Path) -> Option<Self> {
        let file = File::open(folder.join(SIDE_FILE)).ok()?;
        let is_free = lock(&file).unwrap_or(true);
        is_free.then_some(Self(file))
    }

    /// Returns `true` if the locked file is still the side file of this folder.
    #[cfg(unix)]
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        let identity = |file: fs::Metadata| (file.dev(), file.ino());
        let there = fs::metadata(folder.join(SIDE_FILE)).map(identity).ok();
        there.is_some() && self.0.metadata().map(identity).ok() == there
    }

    /// On these systems an open file cannot be replaced.
    #[cfg(not(unix))]
    pub(super) fn is_of(&self, folder: &Path) -> bool {
        folder.join(SIDE_FILE).exists()
    }

    /// Returns the side file, rewound to its beginning.
    pub(super) fn file(&self) -> io::Result<File> {
        use std::io::Seek as _;

        let mut file = self.0.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

/// Locks the side file until it is closed. Returns `false` if another program has locked it. On systems without file
/// locks, an open file cannot be removed, so the folder of a running build stays.
fn lock(file: &File) -> io::Result<bool> {
    Ok(try_lock(file)? != FileLock::Taken)
}

//! Locks on open files, between processes.

use std::fs::File;
use std::io;

/// The outcome of [`try_lock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing is ever locked there"))]
pub(crate) enum FileLock {
    /// The file is locked until it is closed.
    Locked,
    /// Another process or handle has locked it.
    Taken,
    /// The operating system or the file system has no locks.
    Unsupported,
}

/// Locks a file until it is closed, without waiting.
///
/// # Errors
///
/// If the operating system refuses the lock for another reason than those of [`FileLock`].
#[cfg(unix)]
pub(crate) fn try_lock(file: &File) -> io::Result<FileLock> {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(FileLock::Locked),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(FileLock::Taken),
        Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => Ok(FileLock::Unsupported),
        Err(error) => Err(error.into()),
    }
}

/// This platform has no such locks.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
pub(crate) fn try_lock(_file: &File) -> io::Result<FileLock> {
    Ok(FileLock::Unsupported)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::File;

    use super::{FileLock, try_lock};

    #[test]
    fn a_lock_ends_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("locked");
        let first = File::create(&path).unwrap();
        let second = File::open(&path).unwrap();
        assert_eq!(try_lock(&first).unwrap(), FileLock::Locked);
        assert_eq!(try_lock(&second).unwrap(), FileLock::Taken);
        drop(first);
        assert_eq!(try_lock(&second).unwrap(), FileLock::Locked);
    }
}

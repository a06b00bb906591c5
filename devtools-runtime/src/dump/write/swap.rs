//! Swaps a finished folder with the old one.
//!
//! Where the system can exchange two names in one step, the path of the dump always has a folder. On other systems
//! the old folder is moved aside first. If the program is killed right then, the next program that opens the path
//! moves it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::target::{ASIDE, Target};

/// Puts `staged` in the place of the target. Returns the new path of the old folder, if there was one.
pub(super) fn publish(staged: &Path, target: &Target) -> Result<Option<PathBuf>, DumpError> {
    let place = &target.path;
    let failed = || DumpError::io("replaced", place);
    if !target.exists() {
        fs::rename(staged, place).map_err(failed())?;
        return Ok(None);
    }
    match exchange(staged, place) {
        Ok(()) => return Ok(Some(staged.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(error) => return Err(failed()(error)),
    }
    let aside = target.sibling(ASIDE).map_err(failed())?;
    fs::rename(place, &aside).map_err(failed())?;
    if let Err(error) = fs::rename(staged, place) {
        // If this fails too, the next build moves the folder back.
        let _ = fs::rename(&aside, place);
        return Err(failed()(error));
    }
    Ok(Some(aside))
}

/// Exchanges the names of two folders in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|error| match error {
        // The kernel or the file system does not support it.
        Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

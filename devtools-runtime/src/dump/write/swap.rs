//! Putting a finished folder into the place of another.
//!
//! Where the system can exchange two names in one step, the place is never empty. Elsewhere the old folder is moved
//! aside first; should the program be killed right then, the next one that looks at the place moves it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::target::{ASIDE, Target};

/// Puts `staged` into its place, and gives the path that the old folder has now, if there was one.
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
        // If this fails as well, the next build does it.
        let _ = fs::rename(&aside, place);
        return Err(failed()(error));
    }
    Ok(Some(aside))
}

/// Gives each of two folders the other's name, in one step.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(|error| match error {
        // The kernel, or the file system, cannot do it.
        Errno::NOSYS | Errno::INVAL | Errno::OPNOTSUPP => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

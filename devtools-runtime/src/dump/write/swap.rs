//! Swaps a finished folder with the old one, and recovers from builds that were killed.
//!
//! Where the system can exchange two names in one step, the path of the dump always has a folder. On other systems
//! the old folder is moved aside first. If the program is killed right then, the next program that opens the path
//! moves it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::staging::Lock;
use crate::dump::write::{SIDE_FILE, SideFile, Target, foreign};

/// The infix of a staging folder's name. The name of a staging folder, or of an old folder moved aside, consists of a
/// dot, the target's name, the infix and random digits.
pub(super) const STAGING: &str = ".tmp-";
/// The infix of the name of an old folder that was moved aside.
const ASIDE: &str = ".old-";

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

/// Moves the old folder back if a build was killed while it replaced it, and removes the folders of killed builds. A
/// folder that cannot be removed now is left to the next build.
pub(super) fn recover(target: &Target) {
    let leftovers = leftovers(target);
    if !target.exists() {
        let whole = leftovers
            .iter()
            .find(|left| left.is_aside && SideFile::is_in(&left.path));
        if let Some(whole) = whole {
            if let Err(error) = fs::rename(&whole.path, &target.path) {
                tracing::warn!(%error, folder = %whole.path.display(), "an old dump could not be moved back");
            }
        }
    }
    if target.exists() || !leftovers.iter().any(|left| left.is_aside) {
        for left in leftovers {
            remove_leftover(&left.path, target);
        }
    }
}

/// A folder that a killed build may have left behind.
struct Leftover {
    path: PathBuf,
    is_aside: bool,
}

fn leftovers(target: &Target) -> Vec<Leftover> {
    let Ok(entries) = fs::read_dir(&target.parent) else {
        return Vec::new();
    };
    let leftovers = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name();
        let rest = name
            .to_str()?
            .strip_prefix('.')?
            .strip_prefix(&*target.name)?;
        let is_aside = rest.starts_with(ASIDE);
        let random = rest
            .strip_prefix(ASIDE)
            .or_else(|| rest.strip_prefix(STAGING))?;
        let is_random = random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_random.then(|| Leftover {
            path: entry.path(),
            is_aside,
        })
    });
    leftovers.collect()
}

/// Removes a folder that a build left behind, unless that build still runs or the folder is not a build's.
fn remove_leftover(folder: &Path, target: &Target) {
    // The folder of a build that was killed at its start is empty.
    if fs::remove_dir(folder).is_ok() || !is_build_folder(folder) {
        return;
    }
    // The lock is held until the folder is gone. A build that has just created it then creates another one.
    if let Some(_lock) = Lock::take(folder) {
        // A folder with a complete list may be a dump that was replaced, and may hold foreign files. A folder without
        // one was still being written.
        let was_whole = SideFile::read(folder).is_ok_and(|list| !list.files.is_empty());
        if was_whole && target.exists() {
            remove_replaced(folder, &target.path);
        } else {
            report(folder, clear(folder));
        }
    }
}

/// Removes a folder that was replaced, except for files that would be lost. Its own build may still hold its lock.
pub(super) fn remove_replaced(folder: &Path, live: &Path) {
    if fs::remove_dir(folder).is_ok() {
        return;
    }
    match foreign::clear_replaced(folder, live) {
        Ok(true) => {}
        Ok(false) => tracing::warn!(
            folder = %folder.display(),
            "an old dump was not removed, because it holds files that no build wrote and that have changed since; move them and remove it"
        ),
        failed => report(folder, failed.map(drop)),
    }
}

fn report(folder: &Path, removed: io::Result<()>) {
    if let Err(error) = removed {
        tracing::warn!(%error, folder = %folder.display(), "an old dump could not be removed");
    }
}

/// Removes a folder of a build. The side file goes last, so that the next build can continue if this one is killed.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            ignore_missing(fs::remove_dir_all(entry.path()))?;
        } else if entry.file_name() != SIDE_FILE {
            ignore_missing(fs::remove_file(entry.path()))?;
        }
    }
    ignore_missing(fs::remove_file(folder.join(SIDE_FILE)))?;
    ignore_missing(fs::remove_dir(folder))
}

/// Ignores the error of a file that is gone, because two builds may remove the same folder at once.
pub(super) fn ignore_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Returns `true` if a build made the folder. The side file of a build that was killed at its start is empty.
fn is_build_folder(folder: &Path) -> bool {
    let is_empty = |file: fs::Metadata| file.is_file() && file.len() == 0;
    SideFile::is_in(folder) || fs::metadata(folder.join(SIDE_FILE)).is_ok_and(is_empty)
}

impl Target {
    /// Returns a random path for a folder beside the target.
    pub(super) fn sibling(&self, kind: &str) -> io::Result<PathBuf> {
        let random = getrandom::u64()?;
        Ok(self
            .parent
            .join(format!(".{}{kind}{random:016x}", self.name)))
    }
}

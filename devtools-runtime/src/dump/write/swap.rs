//! Putting a finished folder into the place of another, and what is to be done where that was interrupted.
//!
//! Where the system can exchange two names in one step, the place is never empty. Elsewhere the old folder is moved
//! aside first; should the program be killed right then, the next one that looks at the place moves it back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::staging::Lock;
use crate::dump::write::{SIDE_FILE, SideFile, Target, foreign};

/// The name of a folder on its way to `target`, or moved aside from there, is a dot, the target's own, and this
/// with random letters.
pub(super) const ON_ITS_WAY: &str = ".tmp-";
const ASIDE: &str = ".old-";

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

/// Moves the old folder back where a build was killed in the middle of replacing it, and removes what is left of
/// builds that were killed. What cannot be removed now is left to the next one.
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

/// A folder that a build may have left behind.
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
            .or_else(|| rest.strip_prefix(ON_ITS_WAY))?;
        let is_random = random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_random.then(|| Leftover {
            path: entry.path(),
            is_aside,
        })
    });
    leftovers.collect()
}

/// Removes a folder that a build has left behind, unless that build still runs, or something else is there.
fn remove_leftover(folder: &Path, target: &Target) {
    // One that was killed at once has nothing in it.
    if fs::remove_dir(folder).is_ok() || !is_ours(folder) {
        return;
    }
    // Held until it is gone: a build that has just begun there then looks for another place.
    if let Some(_lock) = Lock::take(folder) {
        // A list that is whole may be of a dump that was in the place, and holds what others put there. One that is not
        // is of a dump that was being written.
        let was_whole = SideFile::read(folder).is_ok_and(|list| !list.files.is_empty());
        if was_whole && target.exists() {
            remove_replaced(folder, &target.path);
        } else {
            report(folder, clear(folder));
        }
    }
}

/// Removes a folder that another has replaced: all of it but what would be lost. Its own build may hold its lock still.
pub(super) fn remove_replaced(folder: &Path, live: &Path) {
    if fs::remove_dir(folder).is_ok() {
        return;
    }
    match foreign::clear_replaced(folder, live) {
        Ok(true) => {}
        Ok(false) => tracing::warn!(
            folder = %folder.display(),
            "this old dump holds files that no build wrote, and that have changed since: it is left where it is"
        ),
        failed => report(folder, failed.map(drop)),
    }
}

fn report(folder: &Path, removed: io::Result<()>) {
    if let Err(error) = removed {
        tracing::warn!(%error, folder = %folder.display(), "an old dump could not be removed");
    }
}

/// Removes a folder of ours. What says so goes last, so that the next build goes on if this one is killed.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            gone(fs::remove_dir_all(entry.path()))?;
        } else if entry.file_name() != SIDE_FILE {
            gone(fs::remove_file(entry.path()))?;
        }
    }
    gone(fs::remove_file(folder.join(SIDE_FILE)))?;
    gone(fs::remove_dir(folder))
}

/// Two builds may clear the same folder away at once.
pub(super) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Whether a folder that is named like ours is ours. One whose build was killed as it began has an empty side file.
fn is_ours(folder: &Path) -> bool {
    let is_empty = |file: fs::Metadata| file.is_file() && file.len() == 0;
    SideFile::is_in(folder) || fs::metadata(folder.join(SIDE_FILE)).is_ok_and(is_empty)
}

impl Target {
    /// The path of a folder beside it that nobody has.
    pub(super) fn sibling(&self, kind: &str) -> io::Result<PathBuf> {
        let random = getrandom::u64()?;
        Ok(self
            .parent
            .join(format!(".{}{kind}{random:016x}", self.name)))
    }
}

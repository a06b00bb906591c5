//! Moves back or removes the folders that killed builds have left beside a dump.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::foreign::{self, gone};
use crate::dump::write::lock::FolderLock;
use crate::dump::write::side_file::{SIDE_FILE, SideFile};
use crate::dump::write::target::{ASIDE, STAGING, Target};

impl Target {
    /// Checks the folder, and removes the folders of builds that were killed.
    pub(crate) fn open(folder: &Path) -> Result<Self, DumpError> {
        let absolute = std::path::absolute(folder).map_err(DumpError::reading(folder))?;
        if let Some(parent) = absolute.parent() {
            fs::create_dir_all(parent).map_err(DumpError::io("created", parent))?;
        }
        let target = Self::locate(folder)?;
        recover(&target);
        target.check()?;
        Ok(target)
    }

    /// Finds the folder of an existing dump. Moves it back if a build was killed while it replaced it.
    pub(crate) fn existing(folder: &Path) -> Result<Self, DumpError> {
        let target = match Self::locate(folder) {
            // The parent folder does not exist either.
            Err(DumpError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Err(DumpError::Nothing(folder.to_owned()));
            }
            located => located?,
        };
        if !target.exists() {
            recover(&target);
        }
        Ok(target)
    }
}

/// Moves the old folder back if a build was killed while it replaced it, and removes the folders of killed builds. A
/// folder that cannot be removed now is left to the next build.
fn recover(target: &Target) {
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
    if let Some(_lock) = FolderLock::take(folder) {
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
            gone(fs::remove_dir_all(entry.path()))?;
        } else if entry.file_name() != SIDE_FILE {
            gone(fs::remove_file(entry.path()))?;
        }
    }
    gone(fs::remove_file(folder.join(SIDE_FILE)))?;
    gone(fs::remove_dir(folder))
}

/// Returns `true` if a build made the folder. The side file of a build that was killed at its start is empty.
fn is_build_folder(folder: &Path) -> bool {
    let is_empty = |file: fs::Metadata| file.is_file() && file.len() == 0;
    SideFile::is_in(folder) || fs::metadata(folder.join(SIDE_FILE)).is_ok_and(is_empty)
}

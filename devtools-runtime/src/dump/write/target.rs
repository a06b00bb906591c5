//! The folder that a dump is written to.

use std::collections::BTreeMap;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::foreign;
use crate::dump::write::side_file::SideFile;

/// The infix of a staging folder's name. The name of a staging folder, or of an old folder moved aside, consists of a
/// dot, the target's name, the infix and random digits.
pub(super) const STAGING: &str = ".tmp-";
pub(super) const ASIDE: &str = ".old-";

/// A folder that a dump may replace.
#[derive(Debug)]
pub(crate) struct Target {
    /// The absolute path without links and dots.
    pub(crate) path: PathBuf,
    pub(crate) parent: PathBuf,
    pub(crate) name: String,
}

impl Target {
    /// Returns a random path for a folder beside the target.
    pub(super) fn sibling(&self, kind: &str) -> io::Result<PathBuf> {
        let random = getrandom::u64()?;
        Ok(self
            .parent
            .join(format!(".{}{kind}{random:016x}", self.name)))
    }

    /// Resolves the path without checking the folder.
    pub(super) fn locate(folder: &Path) -> Result<Self, DumpError> {
        let path = match fs::canonicalize(folder) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let path = std::path::absolute(folder).map_err(DumpError::reading(folder))?;
                let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                    return Err(DumpError::NoName(path));
                };
                let parent = fs::canonicalize(parent).map_err(DumpError::reading(parent))?;
                parent.join(name)
            }
            Err(error) => return Err(DumpError::reading(folder)(error)),
        };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(DumpError::NoName(path));
        };
        let name = name
            .to_str()
            .ok_or_else(|| DumpError::NoName(path.clone()))?;
        Ok(Self {
            parent: parent.to_owned(),
            name: name.to_owned(),
            path,
        })
    }

    /// Returns `true` if the path exists.
    pub(crate) fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// Refuses a folder that no build wrote, unless it holds only files that hosts and git put there.
    pub(super) fn check(&self) -> Result<(), DumpError> {
        if !self.exists() {
            return Ok(());
        }
        if !self.path.is_dir() {
            return Err(DumpError::NotAFolder(self.path.clone()));
        }
        if SideFile::is_in(&self.path) {
            return Ok(());
        }
        let entries = fs::read_dir(&self.path).map_err(DumpError::reading(&self.path))?;
        for entry in entries {
            let entry = entry.map_err(DumpError::reading(&self.path))?;
            if !entry.file_name().to_str().is_some_and(foreign::is_known) {
                return Err(DumpError::NotOurs(self.path.clone()));
            }
        }
        Ok(())
    }
}

/// Lists everything in a folder except folders, as paths relative to it with slashes in them.
pub(crate) fn files_in(folder: &Path) -> Result<BTreeMap<String, FileType>, DumpError> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        let entries = fs::read_dir(&path).map_err(DumpError::reading(&path))?;
        for entry in entries {
            let entry = entry.map_err(DumpError::reading(&path))?;
            let kind = entry
                .file_type()
                .map_err(DumpError::reading(entry.path()))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() {
                folders.push((entry.path(), name + "/"));
            } else {
                files.insert(name, kind);
            }
        }
    }
    Ok(files)
}

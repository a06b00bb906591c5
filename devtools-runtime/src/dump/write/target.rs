//! The folder that a dump is written to.

use std::collections::BTreeMap;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::dump::failure::DumpError;
use crate::dump::write::{SideFile, Site};
use crate::dump::write::{foreign, swap};

/// A folder that a dump may replace.
#[derive(Debug)]
pub(crate) struct Target {
    /// The absolute path without links and dots.
    pub(crate) path: PathBuf,
    pub(crate) parent: PathBuf,
    pub(crate) name: String,
}

impl Target {
    /// Checks the folder, and removes the folders of builds that were killed.
    pub(crate) fn open(folder: &Path) -> Result<Self, DumpError> {
        let absolute = std::path::absolute(folder).map_err(DumpError::reading(folder))?;
        if let Some(parent) = absolute.parent() {
            fs::create_dir_all(parent).map_err(DumpError::io("created", parent))?;
        }
        let target = Self::locate(folder)?;
        swap::recover(&target);
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
            swap::recover(&target);
        }
        Ok(target)
    }

    /// Resolves the path without checking the folder.
    fn locate(folder: &Path) -> Result<Self, DumpError> {
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
    fn check(&self) -> Result<(), DumpError> {
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

    /// Refuses a folder that contains the files of a view, or lies inside of them.
    pub(crate) fn check_views(&self, site: &Site) -> Result<(), DumpError> {
        for (base, folder) in site.folders() {
            let Ok(source) = fs::canonicalize(folder) else {
                continue;
            };
            if source.starts_with(&self.path) || self.path.starts_with(&source) {
                return Err(DumpError::OverlapsView {
                    folder: self.path.clone(),
                    base: base.to_owned(),
                    source_folder: source,
                });
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

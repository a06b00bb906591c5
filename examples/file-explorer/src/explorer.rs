//! The files of a folder: listing, reading and writing them.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use devtools_runtime::PluginState;
use ignore::DirEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::draft::{draft_name, is_abandoned, is_draft, write_draft};
use crate::error::{ExplorerError, MAX_FILE_BYTES, MAX_FILES};
use crate::folder::Folder;
use crate::ignored::has_rules;
use crate::open_options::reading;

#[cfg(test)]
mod tests;

/// A folder whose files can be listed, read and written. Clones share it.
#[derive(Debug, Clone, PluginState)]
pub struct Explorer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    folder: Folder,
    /// The number of writes so far, for the names of drafts.
    writes: AtomicU64,
}

/// A file of the folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileEntry {
    /// The path relative to the folder, with slashes.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
}

/// A text file with its content.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileContent {
    /// The path relative to the folder, with slashes.
    pub path: String,
    /// The whole text.
    pub content: String,
    /// The size in bytes.
    pub size: u64,
}

impl Explorer {
    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or cannot be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared {
            folder: Folder::open(root)?,
            writes: AtomicU64::new(0),
        })))
    }

    /// Returns the absolute path of the folder.
    pub fn root(&self) -> &Path {
        self.0.folder.root()
    }

    /// Returns the files, sorted by path.
    ///
    /// # Errors
    ///
    /// [`ExplorerError::TooMany`] if there are more than can be listed.
    pub fn list(&self) -> Result<Vec<FileEntry>, ExplorerError> {
        let mut files = Vec::new();
        let is_shown = |entry: &DirEntry| {
            entry.file_type().is_some_and(|kind| kind.is_file()) && !is_draft(entry.file_name())
        };
        for entry in self.0.folder.walk().filter(is_shown) {
            // A file that was removed meanwhile is skipped.
            let (Some(path), Ok(metadata)) = (self.relative(entry.path()), entry.metadata()) else {
                continue;
            };
            files.push(FileEntry {
                path,
                size: metadata.len(),
            });
            if files.len() > MAX_FILES {
                return Err(ExplorerError::TooMany);
            }
        }
        files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Returns the absolute paths of the folder and its subfolders.
    pub fn folders(&self) -> Vec<PathBuf> {
        let is_folder = |entry: &DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
        self.0
            .folder
            .walk()
            .filter(is_folder)
            .map(DirEntry::into_path)
            .collect()
    }

    /// Reads a text file.
    ///
    /// # Errors
    ///
    /// If the path is not inside the folder, the file is hidden, or it is not a text file of an allowed size.
    pub fn read(&self, path: &str) -> Result<FileContent, ExplorerError> {
        let location = self.0.folder.find(path)?;
        let failed = ExplorerError::io(path);
        let not_a_file = || ExplorerError::NotAFile(path.to_owned());
        let found = location
            .dir
            .symlink_metadata(location.name)
            .map_err(&failed)?;
        if !found.is_file() {
            return Err(not_a_file());
        }
        // The same open file is checked and read, whatever happens to its name.
        let file = location
            .dir
            .open_with(location.name, &reading())
            .map_err(&failed)?;
        let metadata = file.metadata().map_err(&failed)?;
        if !metadata.is_file() {
            return Err(not_a_file());
        }
        let too_large = |size| ExplorerError::TooLarge {
            path: path.to_owned(),
            size,
        };
        if metadata.len() > MAX_FILE_BYTES {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::new();
        let mut limited = file.take(MAX_FILE_BYTES + 1);
        limited.read_to_end(&mut bytes).map_err(&failed)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            // The file grew while it was read.
            return Err(too_large(bytes.len() as u64));
        }
        match String::from_utf8(bytes) {
            Ok(content) if !content.contains('\0') => Ok(FileContent {
                path: path.to_owned(),
                size: content.len() as u64,
                content,
            }),
            _ => Err(ExplorerError::Binary(path.to_owned())),
        }
    }

    /// Writes a text file, and creates it if needed. A reader sees either the old or the new content.
    ///
    /// # Errors
    ///
    /// If the path is not inside the folder, the file is hidden or would be, or it cannot be written.
    pub fn write(&self, path: &str, content: &str) -> Result<FileEntry, ExplorerError> {
        let location = self.0.folder.find(path)?;
        let size = content.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(ExplorerError::TooLarge {
                path: path.to_owned(),
                size,
            });
        }
        if has_rules(location.name) {
            return Err(ExplorerError::HidesFiles(path.to_owned()));
        }
        let old = location.dir.symlink_metadata(location.name).ok();
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            return Err(ExplorerError::NotAFile(path.to_owned()));
        }
        let count = self.0.writes.fetch_add(1, Ordering::Relaxed);
        let draft = draft_name(count);
        let written = write_draft(&location.dir, &draft, content).and_then(|file| {
            if let Some(old) = old {
                file.set_permissions(old.permissions())?;
            }
            location.dir.rename(&draft, &location.dir, location.name)
        });
        written.map_err(|error| {
            // Removes the draft if it could not be moved to its location.
            drop(location.dir.remove_file(&draft));
            ExplorerError::io(path)(error)
        })?;
        Ok(FileEntry {
            path: path.to_owned(),
            size,
        })
    }

    /// Removes the drafts of programs that were killed while they wrote.
    pub fn clear_drafts(&self) {
        let folder = &self.0.folder;
        let drafts = folder.walk().filter(|entry| is_draft(entry.file_name()));
        for path in drafts.filter_map(|draft| folder.relative(draft.path())) {
            let dir = folder.dir();
            if is_abandoned(dir, Path::new(&path)) {
                tracing::info!(path, "removed a draft of a program that was killed");
                drop(dir.remove_file(&path));
            }
        }
    }

    /// Returns the path of a file as the panel knows it. `None` if it is not in the folder.
    pub fn relative(&self, path: &Path) -> Option<String> {
        self.0.folder.relative(path)
    }
}

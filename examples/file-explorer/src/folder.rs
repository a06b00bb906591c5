//! The folder, and the locations in it. No path leads out of it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};
use ignore::{DirEntry, WalkBuilder};

use crate::draft::is_draft;
use crate::error::ExplorerError;
use crate::ignored::is_ignored;
#[cfg(unix)]
use crate::open_options::entering;

/// The folder of git, which is hidden.
const GIT: &str = ".git";

/// A folder that is held open as a capability. The operating system resolves all paths beneath it, so no race can lead out of it.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    dir: Dir,
}

/// The location of a file, which need not exist.
pub(crate) struct Location<'p> {
    /// The folder of the file.
    pub(crate) dir: Dir,
    /// The name in that folder.
    pub(crate) name: &'p str,
}

impl Folder {
    /// Opens a folder.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority())?;
        Ok(Self { root, dir })
    }

    /// Returns the absolute path of the folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the folder as a capability.
    pub(crate) fn dir(&self) -> &Dir {
        &self.dir
    }

    /// Returns the path of a file as the panel knows it. `None` if it is not in the folder.
    pub(crate) fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.root).ok()?;
        let parts = relative.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Walks over everything in the folder that git does not ignore.
    pub(crate) fn walk(&self) -> impl Iterator<Item = DirEntry> + use<> {
        let is_git = |entry: &DirEntry| entry.file_name().eq_ignore_ascii_case(GIT);
        WalkBuilder::new(&self.root)
            .hidden(false)
            .require_git(false)
            .filter_entry(move |entry| !is_git(entry))
            .build()
            .filter_map(Result::ok)
    }

    /// Finds the location of a file, which need not exist. The location is inside of the folder, and no part of its
    /// path is a symbolic link.
    pub(crate) fn find<'p>(&self, path: &'p str) -> Result<Location<'p>, ExplorerError> {
        let parts: Vec<&str> = path.split('/').collect();
        let is_plain = |part: &&str| {
            let is_foreign = |letter| letter == '\0' || cfg!(windows) && "\\:".contains(letter);
            !["", ".", ".."].contains(part) && !part.contains(is_foreign)
        };
        let (name, folders) = match &*parts {
            [folders @ .., ""] if !folders.is_empty() && folders.iter().all(is_plain) => {
                // `a.txt/` is not `a.txt`, because a file has no entries.
                return Err(ExplorerError::NotAFile(path.to_owned()));
            }
            [folders @ .., name] if parts.iter().all(is_plain) => (*name, folders),
            _ => return Err(ExplorerError::Outside(path.to_owned())),
        };
        let failed = ExplorerError::io(path);
        let mut dir = self.dir.try_clone().map_err(&failed)?;
        for folder in folders {
            dir = Self::enter(&dir, folder, path)?;
        }
        let is_link = |found: Metadata| found.is_symlink();
        if dir.symlink_metadata(name).is_ok_and(is_link) {
            return Err(ExplorerError::Symlink(path.to_owned()));
        }
        if !self.is_listed(path) {
            return Err(ExplorerError::NotListed(path.to_owned()));
        }
        Ok(Location { dir, name })
    }

    /// Opens a subfolder of `dir`, unless it is a link.
    fn enter(dir: &Dir, folder: &str, path: &str) -> Result<Dir, ExplorerError> {
        let failed = ExplorerError::io(path);
        if dir.symlink_metadata(folder).map_err(&failed)?.is_symlink() {
            return Err(ExplorerError::Symlink(path.to_owned()));
        }
        #[cfg(unix)]
        let opened = dir
            .open_with(folder, &entering())
            .map(|dir| Dir::from_std_file(dir.into_std()));
        #[cfg(not(unix))]
        let opened = dir.open_dir(folder);
        opened.map_err(failed)
    }

    /// Returns `true` if a file is listed, or would be if it existed.
    pub(crate) fn is_listed(&self, path: &str) -> bool {
        let is_hidden = |part: &str| part.eq_ignore_ascii_case(GIT) || is_draft(OsStr::new(part));
        !path.split('/').any(is_hidden) && !is_ignored(&self.root, path)
    }
}

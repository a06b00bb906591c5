//! Keeps the files that others put into the folder of a dump: `CNAME`, the `.git` of a worktree, and everything else
//! that no build wrote.
//!
//! A build makes a new folder and swaps it with the old one. Before the swap, the foreign files of the old folder are
//! linked into the new one, so the dump's path always has them, even if the program is killed. After the swap, files
//! are removed from the old folder if its build wrote them or if the new folder has them too.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::dump::names::FOLDER;
use crate::dump::write::side_file::{SIDE_FILE, SideFile};

/// The file that makes GitHub Pages publish names that begin with `_`, which all names of a dump do.
pub(super) const NO_JEKYLL: &str = ".nojekyll";

/// The names that hosts of static sites, git and file managers use. A folder with nothing else in it may become a
/// dump.
const KNOWN: [&str; 10] = [
    ".DS_Store",
    ".git",
    ".gitattributes",
    ".gitignore",
    ".gitkeep",
    NO_JEKYLL,
    ".well-known",
    "CNAME",
    "Thumbs.db",
    "desktop.ini",
];

/// Returns `true` if the first part of a path is a name that a host, git or a file manager uses.
pub(crate) fn is_known(path: &str) -> bool {
    let mut parts = path.split('/');
    let first = parts.next().unwrap_or_default();
    KNOWN.contains(&first) || parts.next_back() == Some(".DS_Store")
}

/// The files that the build of a folder wrote into it; `None` if their list is damaged.
struct BuildFiles(Option<BTreeMap<String, Sum>>);

impl BuildFiles {
    /// Reads the list of the folder. It is empty if no build wrote the folder.
    fn of(folder: &Path) -> Self {
        if !SideFile::is_in(folder) {
            return Self(Some(BTreeMap::new()));
        }
        // A damaged list names no files, but the folder of the records belongs to the build.
        Self(SideFile::read(folder).ok().map(|list| list.files))
    }

    fn holds(&self, path: &str) -> bool {
        match &self.0 {
            Some(files) => path == SIDE_FILE || files.contains_key(path),
            None => path == SIDE_FILE || path.starts_with(&format!("{FOLDER}/")),
        }
    }

    /// Returns `true` if a folder contains a file of the build.
    fn is_within(&self, folder: &str) -> bool {
        let prefix = format!("{folder}/");
        match &self.0 {
            Some(files) => files
                .range(prefix.clone()..)
                .next()
                .is_some_and(|(path, _)| path.starts_with(&prefix)),
            None => folder == FOLDER,
        }
    }
}

/// Links the files that others put into `old` into `new`. Each is in both folders afterwards.
///
/// # Errors
///
/// [`DumpError::ForeignFiles`] if a file of the new dump has the path of one of them.
pub(super) fn carry(old: &Path, new: &Path) -> Result<(), DumpError> {
    let written = BuildFiles::of(old);
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for (path, entry) in entries(old, &folder)? {
            let (from, to) = (entry.path(), new.join(&path));
            let kind = entry.file_type().map_err(DumpError::reading(&from))?;
            let conflict = || DumpError::ForeignFiles {
                folder: old.to_owned(),
                file: path.clone(),
            };
            let there = fs::symlink_metadata(&to);
            if kind.is_dir() {
                match there {
                    Ok(there) if there.is_dir() => folders.push(path),
                    Ok(_) if written.is_within(&path) => {
                        // Only a foreign file in there can conflict with the new file.
                        folders.push(path);
                    }
                    Ok(_) => return Err(conflict()),
                    // The folder holds files of the old build, and perhaps others.
                    Err(_) if written.is_within(&path) => folders.push(path),
                    Err(_) => {
                        make_folder(&from, &to)?;
                        folders.push(path);
                    }
                }
            } else if !written.holds(&path) {
                if there.is_ok() {
                    if is_same(&from, &to) {
                        continue;
                    }
                    return Err(conflict());
                }
                let around = to.parent().unwrap_or(new);
                // A file of the new dump has the name of the folder.
                fs::create_dir_all(around).map_err(|_| conflict())?;
                link(&from, &to)?;
            }
        }
    }
    if fs::symlink_metadata(new.join(NO_JEKYLL)).is_err() {
        let path = new.join(NO_JEKYLL);
        File::create(&path).map_err(DumpError::writing(&path))?;
    }
    Ok(())
}

/// Lists a folder below `root`, with the path of each entry. A folder that was just removed has no entries.
fn entries(root: &Path, folder: &str) -> Result<Vec<(String, DirEntry)>, DumpError> {
    let path = root.join(folder);
    let listed = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(DumpError::reading(&path))?,
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry.map_err(DumpError::reading(&path))?;
        let Ok(name) = entry.file_name().into_string() else {
            // A name that is not Unicode cannot be written to the list of files.
            return Err(DumpError::ForeignFiles {
                folder: root.to_owned(),
                file: entry.path().display().to_string(),
            });
        };
        let path = match folder {
            "" => name,
            _ => format!("{folder}/{name}"),
        };
        entries.push((path, entry));
    }
    Ok(entries)
}

/// Makes a folder with the permissions of another one.
fn make_folder(from: &Path, to: &Path) -> Result<(), DumpError> {
    let made = fs::create_dir_all(to).and_then(|()| {
        let permissions = fs::metadata(from)?.permissions();
        fs::set_permissions(to, permissions)
    });
    made.map_err(DumpError::io("created", to))
}

/// Makes a hard link to a file. Copies the file if the file system has no hard links.
fn link(from: &Path, to: &Path) -> Result<(), DumpError> {
    let linked = match fs::hard_link(from, to) {
        Ok(()) => Ok(()),
        // The file was just removed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => copy(from, to),
    };
    linked.map_err(DumpError::io("linked or copied", from))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if fs::symlink_metadata(from)?.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to).map(drop)
}

/// Removes the files of a replaced folder that are not needed: those that its build wrote, and those that `live` has
/// too. Moves files that only the old folder has to `live`. Returns `false` if files remain.
pub(super) fn clear_replaced(old: &Path, live: &Path) -> io::Result<bool> {
    let written = BuildFiles::of(old);
    let is_empty = clear_folder(old, live, "", &written)?;
    if is_empty {
        // The side file marks the folder as a build's. It goes last, so that the next build can continue if this one is
        // killed.
        gone(fs::remove_file(old.join(SIDE_FILE)))?;
        gone(fs::remove_dir(old))?;
    }
    Ok(is_empty)
}

/// Ignores the error of a file that is gone, because two builds may remove the same folder at once.
pub(super) fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Clears one folder except for the side file. Returns `true` if nothing else is left in it.
fn clear_folder(old: &Path, live: &Path, folder: &str, written: &BuildFiles) -> io::Result<bool> {
    let mut is_empty = true;
    let listed = match entries(old, folder) {
        Ok(listed) => listed,
        Err(DumpError::Io { source, .. }) => return Err(source),
        Err(_) => return Ok(false),
    };
    for (path, entry) in listed {
        if path == SIDE_FILE {
            continue;
        }
        let (from, to) = (entry.path(), live.join(&path));
        if entry.file_type()?.is_dir() {
            if clear_folder(old, live, &path, written)? {
                gone(fs::remove_dir(&from))?;
            } else {
                is_empty = false;
            }
        } else if written.holds(&path) || is_same(&from, &to) {
            gone(fs::remove_file(&from))?;
        } else if fs::symlink_metadata(&to).is_err() {
            // The file was added while the folder was being replaced.
            let around = to.parent().unwrap_or(live);
            fs::create_dir_all(around)?;
            gone(fs::rename(&from, &to))?;
        } else {
            is_empty = false;
        }
    }
    Ok(is_empty)
}

/// Returns `true` if two paths name the same file, or files with the same content.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(first), Ok(second)) = (fs::symlink_metadata(one), fs::symlink_metadata(other)) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;

        if (first.dev(), first.ino()) == (second.dev(), second.ino()) {
            return true;
        }
    }
    if first.is_symlink() && second.is_symlink() {
        return fs::read_link(one).ok() == fs::read_link(other).ok();
    }
    first.is_file()
        && second.is_file()
        && first.len() == second.len()
        && holds_the_same(one, other).unwrap_or(false)
}

fn holds_the_same(one: &Path, other: &Path) -> io::Result<bool> {
    const CHUNK: u64 = 64 * 1024;

    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    loop {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        (&mut one).take(CHUNK).read_to_end(&mut left)?;
        (&mut other).take(CHUNK).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

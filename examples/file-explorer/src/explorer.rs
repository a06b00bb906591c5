//! The folder: listing, reading and writing its files, and nothing outside it.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::ambient_authority;
#[cfg(unix)]
use cap_std::fs::OpenOptionsExt as _;
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use devtools_runtime::PluginState;
use ignore::{DirEntry, WalkBuilder};
#[cfg(unix)]
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use crate::ignored::is_ignored;

/// The largest file that is read or written, in bytes.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// The largest number of files that are listed. A larger tree would be of no use.
const MAX_FILES: usize = 50_000;

/// The folder of git, which is hidden.
const GIT: &str = ".git";

/// The prefix of the names of drafts. A process id and a count follow.
const DRAFT: &str = ".write-";

/// A folder whose files can be listed, read and written. Clones share it.
///
/// The folder is held open as a capability. The operating system resolves all paths beneath it, so no race can lead
/// out of it.
#[derive(Debug, Clone, PluginState)]
pub struct Explorer(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    root: PathBuf,
    dir: Dir,
    writes: AtomicU64,
}

/// A file of the folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// The path relative to the folder, with slashes.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
}

/// A text file with its content.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// The path relative to the folder, with slashes.
    pub path: String,
    /// The whole text.
    pub content: String,
    /// The size in bytes.
    pub size: u64,
}

/// The error of an operation on a file.
#[derive(Debug, thiserror::Error)]
pub enum ExplorerError {
    /// The path leads out of the folder.
    #[error("`{0}` is not a path inside the folder")]
    Outside(String),
    /// A part of the path is a symbolic link.
    #[error("`{0}` contains a symbolic link, which is not followed")]
    Symlink(String),
    /// The path is a folder, or something else without content.
    #[error("`{0}` is not a file")]
    NotAFile(String),
    /// The file is too large.
    #[error("`{path}` has {size} bytes, more than the {MAX_FILE_BYTES} that are shown")]
    TooLarge {
        /// The path relative to the folder.
        path: String,
        /// The size in bytes.
        size: u64,
    },
    /// The file is not UTF-8.
    #[error("`{0}` is a binary file")]
    Binary(String),
    /// The folder has too many files.
    #[error("the folder has more than {MAX_FILES} files: show one of its subfolders")]
    TooMany,
    /// The operating system reported an error.
    #[error("`{path}`: {source}")]
    Io {
        /// The path relative to the folder.
        path: String,
        /// The error.
        source: io::Error,
    },
    /// The file is hidden: git ignores it, or it belongs to git.
    #[error("`{0}` is a hidden file")]
    NotListed(String),
}

impl Explorer {
    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// If the folder does not exist or cannot be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority())?;
        Ok(Self(Arc::new(Folder {
            root,
            dir,
            writes: AtomicU64::new(0),
        })))
    }

    /// Returns the absolute path of the folder.
    pub fn root(&self) -> &Path {
        &self.0.root
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
        for entry in self.walk().filter(is_shown) {
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
        self.walk()
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
        let place = self.find(path)?;
        let failed = io_error(path);
        let not_a_file = || ExplorerError::NotAFile(path.to_owned());
        let found = place.dir.symlink_metadata(place.name).map_err(&failed)?;
        if !found.is_file() {
            return Err(not_a_file());
        }
        // The same open file is checked and read, whatever happens to its name.
        let file = place
            .dir
            .open_with(place.name, &reading())
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
        let place = self.find(path)?;
        let size = content.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(ExplorerError::TooLarge {
                path: path.to_owned(),
                size,
            });
        }
        let old = place.dir.symlink_metadata(place.name).ok();
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            return Err(ExplorerError::NotAFile(path.to_owned()));
        }
        let count = self.0.writes.fetch_add(1, Ordering::Relaxed);
        let draft = format!("{DRAFT}{}-{count}", std::process::id());
        let written = write_draft(&place.dir, &draft, content).and_then(|file| {
            if let Some(old) = old {
                file.set_permissions(old.permissions())?;
            }
            place.dir.rename(&draft, &place.dir, place.name)
        });
        written.map_err(|error| {
            // Removes the draft if it could not be moved to its place.
            drop(place.dir.remove_file(&draft));
            io_error(path)(error)
        })?;
        Ok(FileEntry {
            path: path.to_owned(),
            size,
        })
    }

    /// Removes the drafts of programs that were killed while they wrote.
    pub fn clear_drafts(&self) {
        for entry in self.walk().filter(|entry| is_draft(entry.file_name())) {
            let Some(path) = self.relative(entry.path()) else {
                continue;
            };
            // The lock of a draft ends with its program.
            let is_left = self.0.dir.open_with(&path, &reading()).is_ok_and(|file| {
                file.metadata().is_ok_and(|metadata| metadata.is_file()) && lock(&file)
            });
            if is_left {
                tracing::info!(path, "removed a draft of a program that was killed");
                drop(self.0.dir.remove_file(&path));
            }
        }
    }

    /// Returns the path of a file as the panel knows it. `None` if it is not in the folder.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.0.root).ok()?;
        let parts = relative.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Walks over everything in the folder that git does not ignore.
    fn walk(&self) -> impl Iterator<Item = DirEntry> + use<> {
        let is_git = |entry: &DirEntry| entry.file_name().eq_ignore_ascii_case(GIT);
        WalkBuilder::new(&self.0.root)
            .hidden(false)
            .require_git(false)
            .filter_entry(move |entry| !is_git(entry))
            .build()
            .filter_map(Result::ok)
    }

    /// Finds the location of a file, which need not exist. The location is inside of the folder, and no part of its
    /// path is a symbolic link.
    fn find<'p>(&self, path: &'p str) -> Result<Place<'p>, ExplorerError> {
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
        let failed = io_error(path);
        let mut dir = self.0.dir.try_clone().map_err(&failed)?;
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
        Ok(Place { dir, name })
    }

    /// Opens a subfolder of `dir`, unless it is a link.
    fn enter(dir: &Dir, folder: &str, path: &str) -> Result<Dir, ExplorerError> {
        let failed = io_error(path);
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
    fn is_listed(&self, path: &str) -> bool {
        let is_hidden = |part: &str| part.eq_ignore_ascii_case(GIT) || is_draft(OsStr::new(part));
        !path.split('/').any(is_hidden) && !is_ignored(&self.0.root, path)
    }
}

/// The location of a file, which need not exist.
struct Place<'p> {
    /// The folder of the file.
    dir: Dir,
    /// The name in that folder.
    name: &'p str,
}

/// Returns `true` if a file is a draft.
pub(crate) fn is_draft(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(DRAFT));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = rest.and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(process, count)| is_number(process) && is_number(count))
}

/// Writes a new file with this name, and keeps it locked.
fn write_draft(dir: &Dir, draft: &str, content: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = dir.open_with(draft, &options)?;
    lock(&file);
    file.write_all(content.as_bytes())?;
    Ok(file)
}

/// Returns the options for reading a file: links are refused, and a FIFO does not block.
fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    flags(&mut options, OFlags::NONBLOCK | OFlags::NOFOLLOW);
    options
}

/// Returns the options for opening a folder: links are refused.
#[cfg(unix)]
fn entering() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    flags(&mut options, OFlags::DIRECTORY | OFlags::NOFOLLOW);
    options
}

#[cfg(unix)]
fn flags(options: &mut OpenOptions, flags: OFlags) {
    #[expect(clippy::cast_possible_wrap, reason = "C has these flags as an `int`")]
    options.custom_flags(flags.bits() as i32);
}

/// Locks a file until it is closed. Returns `false` if another program has locked it, or if the system has no locks.
#[cfg(unix)]
fn lock(file: &File) -> bool {
    rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(not(unix))]
fn lock(_file: &File) -> bool {
    false
}

fn io_error(path: &str) -> impl Fn(io::Error) -> ExplorerError {
    move |source| ExplorerError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::{Explorer, ExplorerError};

    fn folder() -> (TempDir, Explorer) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/main.rs"), "fn main() {}\n").unwrap();
        fs::write(folder.path().join("a.txt"), "a").unwrap();
        fs::write(folder.path().join("blob.bin"), [0, 159, 146, 150]).unwrap();
        fs::write(folder.path().join(".gitignore"), "ignored/\n").unwrap();
        fs::create_dir(folder.path().join("ignored")).unwrap();
        fs::write(folder.path().join("ignored/x"), "").unwrap();
        let explorer = Explorer::open(folder.path()).unwrap();
        (folder, explorer)
    }

    #[test]
    fn files_are_listed_by_path_without_what_git_ignores() {
        let (_folder, explorer) = folder();
        let files = explorer.list().unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".gitignore", "a.txt", "blob.bin", "src/main.rs"]);
        assert_eq!(files[1].size, 1);
    }

    #[test]
    fn what_is_written_is_read() {
        let (folder, explorer) = folder();
        assert_eq!(explorer.write("src/new.rs", "// né\n").unwrap().size, 7);
        assert_eq!(explorer.read("src/new.rs").unwrap().content, "// né\n");
        explorer.write("a.txt", "b").unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a.txt")).unwrap(),
            "b"
        );
        assert_eq!(
            fs::read_dir(folder.path().join("src")).unwrap().count(),
            2,
            "nothing is left"
        );
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let (folder, explorer) = folder();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s").unwrap();
        let absolute = outside.path().join("secret");
        for path in [
            "",
            ".",
            "..",
            "../secret",
            "src/../../secret",
            absolute.to_str().unwrap(),
        ] {
            let refused = explorer.read(path).unwrap_err();
            assert!(
                matches!(refused, ExplorerError::Outside(_)),
                "{path}: {refused}"
            );
            assert!(explorer.write(path, "x").is_err(), "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
            std::os::unix::fs::symlink(absolute, folder.path().join("file-link")).unwrap();
            for path in ["link/secret", "link/new", "file-link"] {
                assert!(
                    matches!(explorer.read(path), Err(ExplorerError::Symlink(_))),
                    "{path}"
                );
                assert!(
                    matches!(explorer.write(path, "x"), Err(ExplorerError::Symlink(_))),
                    "{path}"
                );
            }
        }
        drop(folder);
        assert_eq!(
            fs::read_to_string(outside.path().join("secret")).unwrap(),
            "s"
        );
    }

    #[test]
    fn what_is_not_listed_is_neither_read_nor_written() {
        let (folder, explorer) = folder();
        fs::create_dir_all(folder.path().join(".git/refs")).unwrap();
        fs::write(folder.path().join(".git/config"), "secret").unwrap();
        fs::write(folder.path().join("src/.gitignore"), "*.key\n!open.key\n").unwrap();
        fs::write(folder.path().join("src/my.key"), "secret").unwrap();
        fs::write(folder.path().join("src/open.key"), "open").unwrap();
        fs::write(folder.path().join(".write-1-2"), "a draft").unwrap();
        for path in [
            ".git/config",
            ".git/new",
            ".GIT/config",
            "ignored/x",
            "ignored/new",
            "src/my.key",
            "src/new.key",
            "src/.git",
            ".write-1-2",
        ] {
            let refused = |error: ExplorerError| {
                let is_refused = matches!(
                    error,
                    ExplorerError::NotListed(_) | ExplorerError::Io { .. }
                );
                assert!(is_refused, "{path}: {error}");
            };
            refused(explorer.read(path).unwrap_err());
            refused(explorer.write(path, "x").unwrap_err());
        }
        assert_eq!(
            fs::read_to_string(folder.path().join("src/my.key")).unwrap(),
            "secret"
        );
        assert!(!folder.path().join("src/new.key").exists());
        assert_eq!(explorer.read("src/open.key").unwrap().content, "open");
        explorer.write("src/other/open.key", "x").unwrap_err();
        explorer.write("src/new.txt", "x").unwrap();
        // Exactly the listed files can be read.
        for file in explorer.list().unwrap() {
            let read = explorer.read(&file.path);
            assert!(
                !matches!(read, Err(ExplorerError::NotListed(_))),
                "{}",
                file.path
            );
            assert!(!file.path.contains(".write-"), "{}", file.path);
        }
    }

    #[test]
    fn one_file_is_listed_as_all_of_them_are() {
        let (folder, explorer) = folder();
        let rules = [
            (
                ".gitignore",
                "*.log\n/top.txt\nbuild/\n!keep.log\n**/deep/*.tmp\n",
            ),
            ("src/.gitignore", "!a.log\nb.txt\n"),
            ("src/deep/.gitignore", "!x.tmp\n"),
            ("docs/.ignore", "!shown.log\nhidden.txt\n"),
            ("inner/.git/config", ""),
            ("inner/.git/info/exclude", "excluded.txt\n"),
            ("inner/.gitignore", "own.txt\n"),
        ];
        let names = [
            "a.log",
            "keep.log",
            "top.txt",
            "b.txt",
            "x.tmp",
            "shown.log",
            "hidden.txt",
            "excluded.txt",
            "own.txt",
        ];
        let folders = [
            "",
            "src/",
            "src/deep/",
            "docs/",
            "docs/deep/",
            "inner/",
            "inner/deep/",
            "build/",
            "src/build/",
        ];
        for (path, content) in rules {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let mut written = Vec::new();
        for inside in folders {
            for name in names {
                let path = folder.path().join(inside).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                if !path.exists() {
                    fs::write(path, "x").unwrap();
                    written.push(format!("{inside}{name}"));
                }
            }
        }
        let listed: Vec<String> = explorer
            .list()
            .unwrap()
            .into_iter()
            .map(|file| file.path)
            .collect();
        for path in &written {
            assert_eq!(explorer.read(path).is_ok(), listed.contains(path), "{path}");
        }
        let shown = written.iter().filter(|path| listed.contains(path)).count();
        assert!(
            shown > 20 && written.len() - shown > 20,
            "{shown} of {}",
            written.len()
        );
        // A file that is gone is judged by the rules that applied to it.
        for path in &written {
            fs::remove_file(folder.path().join(path)).unwrap();
            assert_eq!(explorer.is_listed(path), listed.contains(path), "{path}");
        }
    }

    #[test]
    fn a_path_means_one_file() {
        let (folder, explorer) = folder();
        for path in [
            "a.txt/",
            "a.txt//",
            "src//main.rs",
            "./a.txt",
            "src/./main.rs",
            "/a.txt",
            "a.txt\0",
        ] {
            assert!(explorer.read(path).is_err(), "{path:?}");
            assert!(explorer.write(path, "x").is_err(), "{path:?}");
        }
        assert!(matches!(
            explorer.read("a.txt/"),
            Err(ExplorerError::NotAFile(_))
        ));
        assert_eq!(
            fs::read_to_string(folder.path().join("a.txt")).unwrap(),
            "a"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_exchanged_while_it_is_read_is_one_or_the_other() {
        use std::os::unix::fs::symlink;
        use std::sync::atomic::{AtomicBool, Ordering};

        let (folder, explorer) = folder();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/config"), "secret").unwrap();
        let large = "x".repeat(3 * 1024 * 1024);
        fs::write(folder.path().join("ignored/large"), &large).unwrap();
        let stop = AtomicBool::new(false);
        let place = folder.path().join("a.txt");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let aside = folder.path().join("ignored/aside");
                while !stop.load(Ordering::Relaxed) {
                    // The file is replaced with a small file, a link to a hidden file, and a large file.
                    fs::rename(&place, &aside).unwrap();
                    symlink(".git/config", &place).unwrap();
                    fs::rename(folder.path().join("ignored/large"), &place).unwrap();
                    fs::rename(&place, folder.path().join("ignored/large")).unwrap();
                    fs::rename(&aside, &place).unwrap();
                }
            });
            for _ in 0..2_000 {
                if let Ok(read) = explorer.read("a.txt") {
                    assert_eq!(read.content, "a");
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
    }

    #[cfg(unix)]
    #[test]
    fn a_fifo_is_not_a_file() {
        let (folder, explorer) = folder();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
        assert!(matches!(
            explorer.read("pipe"),
            Err(ExplorerError::NotAFile(_))
        ));
        assert!(matches!(
            explorer.write("pipe", "x"),
            Err(ExplorerError::NotAFile(_))
        ));
    }

    #[cfg(unix)]
    #[test]
    fn drafts_of_programs_that_were_killed_are_cleared() {
        let (folder, explorer) = folder();
        let left = folder.path().join("src/.write-1-0");
        let living = folder.path().join("src/.write-1-1");
        for draft in [&left, &living] {
            fs::write(draft, "x").unwrap();
        }
        let open = fs::File::open(&living).unwrap();
        rustix::fs::flock(&open, rustix::fs::FlockOperation::LockExclusive).unwrap();
        explorer.clear_drafts();
        assert!(!left.exists() && living.exists());
        drop(open);
        explorer.clear_drafts();
        assert!(!living.exists());
    }

    #[test]
    fn what_is_no_text_is_said_so() {
        let (_folder, explorer) = folder();
        assert!(
            explorer
                .read("blob.bin")
                .unwrap_err()
                .to_string()
                .contains("binary")
        );
        assert!(matches!(
            explorer.read("src"),
            Err(ExplorerError::NotAFile(_))
        ));
        assert!(
            explorer
                .read("nope")
                .unwrap_err()
                .to_string()
                .starts_with("`nope`: ")
        );
        let large = "x".repeat(3 * 1024 * 1024);
        assert!(matches!(
            explorer.write("a.txt", &large),
            Err(ExplorerError::TooLarge { .. })
        ));
    }
}

//! The folder: listing, reading and writing its files, and nothing outside it.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use devtools_runtime::PluginState;
use ignore::{DirEntry, WalkBuilder};
use serde::{Deserialize, Serialize};

/// The largest file that is read or written, in bytes. A larger one is an error.
const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// How many files are listed. With more, listing is an error: a tree of that size helps nobody.
const MAX_FILES: usize = 50_000;

/// A folder whose files can be listed, read and written. Cloning is cheap.
///
/// The folder is held open as a capability: the operating system is asked for paths beneath it only,
/// so that no race can lead out of it.
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
    /// Relative to the folder, with slashes.
    pub path: String,
    /// In bytes.
    pub size: u64,
}

/// A text file and what is in it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// Relative to the folder, with slashes.
    pub path: String,
    /// The whole text.
    pub content: String,
    /// In bytes.
    pub size: u64,
}

/// Why a file cannot be explored.
#[derive(Debug, thiserror::Error)]
pub enum ExplorerError {
    /// The path leads out of the folder, or could.
    #[error("`{0}` is not a path inside the folder")]
    Outside(String),
    /// A part of the path is a symbolic link.
    #[error("`{0}` leads over a symbolic link, which is not followed")]
    Symlink(String),
    /// The path is a folder, or something else without content.
    #[error("`{0}` is not a file")]
    NotAFile(String),
    /// The file is over the limit.
    #[error("`{path}` has {size} bytes, more than the {MAX_FILE_BYTES} that are shown")]
    TooLarge {
        /// Relative to the folder.
        path: String,
        /// In bytes.
        size: u64,
    },
    /// The file is no UTF-8.
    #[error("`{0}` is a binary file")]
    Binary(String),
    /// There are too many files.
    #[error("the folder has more than {MAX_FILES} files: show one of its subfolders")]
    TooMany,
    /// The operating system refused.
    #[error("`{path}`: {source}")]
    Io {
        /// Relative to the folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The work was given up.
    #[error("the server is shutting down")]
    Cancelled,
}

impl Explorer {
    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// If there is none, or it must not be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority())?;
        Ok(Self(Arc::new(Folder {
            root,
            dir,
            writes: AtomicU64::new(0),
        })))
    }

    /// The folder, absolute.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// Does work with the folder where it may block.
    ///
    /// # Errors
    ///
    /// Those of the work, and [`ExplorerError::Cancelled`] if the program ends meanwhile.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ExplorerError> + Send + 'static,
    ) -> Result<T, ExplorerError> {
        let explorer = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&explorer)).await;
        done.unwrap_or(Err(ExplorerError::Cancelled))
    }

    /// The files, sorted by path.
    ///
    /// # Errors
    ///
    /// [`ExplorerError::TooMany`] if nobody could find their way in them.
    pub fn list(&self) -> Result<Vec<FileEntry>, ExplorerError> {
        let mut files = Vec::new();
        for entry in self
            .walk()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        {
            // A file that vanishes meanwhile is no file of the folder.
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

    /// The subfolders and the folder itself, absolute.
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
    /// If the path is none inside the folder, or there is no text file of a size to be shown.
    pub fn read(&self, path: &str) -> Result<FileContent, ExplorerError> {
        self.check(path)?;
        let failed = io_error(path);
        let metadata = self.0.dir.symlink_metadata(path).map_err(&failed)?;
        if !metadata.is_file() {
            return Err(ExplorerError::NotAFile(path.to_owned()));
        }
        let size = metadata.len();
        if size > MAX_FILE_BYTES {
            return Err(ExplorerError::TooLarge {
                path: path.to_owned(),
                size,
            });
        }
        let bytes = self.0.dir.read(path).map_err(&failed)?;
        match String::from_utf8(bytes) {
            Ok(content) if !content.contains('\0') => Ok(FileContent {
                path: path.to_owned(),
                size: content.len() as u64,
                content,
            }),
            _ => Err(ExplorerError::Binary(path.to_owned())),
        }
    }

    /// Writes a text file, new or not. Whoever reads it meanwhile sees the old content or the new one.
    ///
    /// # Errors
    ///
    /// If the path is none inside the folder, or the file cannot be written.
    pub fn write(&self, path: &str, content: &str) -> Result<FileEntry, ExplorerError> {
        self.check(path)?;
        let size = content.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(ExplorerError::TooLarge {
                path: path.to_owned(),
                size,
            });
        }
        let old = self.0.dir.symlink_metadata(path).ok();
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            return Err(ExplorerError::NotAFile(path.to_owned()));
        }
        let count = self.0.writes.fetch_add(1, Ordering::Relaxed);
        let aside =
            Path::new(path).with_file_name(format!(".write-{}-{count}", std::process::id()));
        let written = self.0.dir.write(&aside, content).and_then(|()| {
            if let Some(old) = old {
                self.0.dir.set_permissions(&aside, old.permissions())?;
            }
            self.0.dir.rename(&aside, &self.0.dir, path)
        });
        written.map_err(|error| {
            // What could not be put into place is taken away, as far as that works.
            drop(self.0.dir.remove_file(&aside));
            io_error(path)(error)
        })?;
        Ok(FileEntry {
            path: path.to_owned(),
            size,
        })
    }

    /// The path of a file as the panel knows it; `None` if it is not in the folder.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let relative = path.strip_prefix(&self.0.root).ok()?;
        let parts = relative.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Everything in the folder but what git ignores.
    fn walk(&self) -> impl Iterator<Item = DirEntry> + use<> {
        let is_git = |entry: &DirEntry| entry.file_name() == OsStr::new(".git");
        WalkBuilder::new(&self.0.root)
            .hidden(false)
            .require_git(false)
            .filter_entry(move |entry| !is_git(entry))
            .build()
            .filter_map(Result::ok)
    }

    /// Refuses a path that leads out of the folder or over a symbolic link.
    fn check(&self, path: &str) -> Result<(), ExplorerError> {
        let mut so_far = PathBuf::new();
        for part in Path::new(path).components() {
            let Component::Normal(part) = part else {
                return Err(ExplorerError::Outside(path.to_owned()));
            };
            so_far.push(part);
            let metadata = self.0.dir.symlink_metadata(&so_far);
            if metadata.is_ok_and(|metadata| metadata.is_symlink()) {
                return Err(ExplorerError::Symlink(path.to_owned()));
            }
        }
        if so_far.as_os_str().is_empty() {
            return Err(ExplorerError::Outside(path.to_owned()));
        }
        Ok(())
    }
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

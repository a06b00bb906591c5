//! The errors of operations on files.

use std::io;

/// The largest file that is read or written, in bytes.
pub(crate) const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// The largest number of files that are listed. A larger tree would be of no use.
pub(crate) const MAX_FILES: usize = 50_000;

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
    /// The file decides which files are hidden. A client that could write it could show them all.
    #[error(
        "`{0}` decides which files are hidden, so it is not written here: edit it on the machine itself"
    )]
    HidesFiles(String),
}

impl ExplorerError {
    /// Returns a function that makes the error of the operating system for `path`.
    pub(crate) fn io(path: &str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

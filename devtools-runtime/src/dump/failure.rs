//! Why a dump was not written, or cannot be looked at.

use std::io;
use std::path::{Path, PathBuf};

use crate::dump::report::DumpReport;

/// Why a static dump was not written, or cannot be looked at. What stood in its place before stands there still.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The folder holds files, and nothing says that a build wrote them.
    #[error(
        "`{}` is not empty, and no build wrote it: name a folder that is empty or does not exist yet, or \
         remove this one yourself",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// Somebody put a file into the folder of a dump, at the place of one that the build writes.
    #[error(
        "`{}` holds `{file}`, which no build wrote, where a file of the dump belongs: move it elsewhere",
        folder.display()
    )]
    ForeignFiles {
        /// The folder.
        folder: PathBuf,
        /// One of the files, relative to it.
        file: String,
    },
    /// What is there is a file.
    #[error("`{}` is a file: name a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder of the dump is a root, or has no name for another reason.
    #[error("`{}` cannot be replaced as a whole: name a folder inside of it", .0.display())]
    NoName(PathBuf),
    /// The folder holds the files of a view, or is inside of them.
    #[error(
        "the dump cannot be written to `{}`: the view at `{base}` has its files in `{}`; name a folder beside it",
        folder.display(), source_folder.display()
    )]
    OverlapsView {
        /// The folder of the dump.
        folder: PathBuf,
        /// The base of the view.
        base: String,
        /// Where the view's files are.
        source_folder: PathBuf,
    },
    /// Two different files of views, or of a view and of the dump itself, have one path.
    #[error(
        "two files of the dump are to be `{0}`: host the views at bases that do not contain each other's files"
    )]
    SamePath(String),
    /// A view is to be hosted at a base, or with a file, that no folder can have.
    #[error(
        "`{0}` is no path for a file of the dump: a view's base and the paths of its files have no `..` in them"
    )]
    Path(String),
    /// There is no dump in the folder.
    #[error("there is no dump in `{}`: write one first", .0.display())]
    Nothing(PathBuf),
    /// The list of files that belongs to a dump cannot be read.
    #[error("`{}` does not list the files of a dump: build it again", path.display())]
    SideFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// [`DumpOptions::strict`](crate::dump::DumpOptions::strict) was asked for, and not everything could be dumped.
    #[error("not everything could be dumped:\n{0}")]
    Incomplete(Box<DumpReport>),
    /// A file or a folder could not be read or written.
    #[error("`{}` could not be {done}", path.display())]
    Io {
        /// What was to be done with it.
        done: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The runtime is being shut down, and the dump with it.
    #[error("the program is being shut down")]
    Stopped,
}

impl DumpError {
    pub(crate) fn reading(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        Self::io("read", path)
    }

    pub(crate) fn writing(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        Self::io("written", path)
    }

    pub(crate) fn io(done: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { done, path, source }
    }
}

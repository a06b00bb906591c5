//! The error of writing, checking or comparing a static dump.

use std::io;
use std::path::{Path, PathBuf};

use crate::dump::report::DumpReport;

/// The error of writing, checking or comparing a static dump. A folder that existed before is left unchanged.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::dump::DumpError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let sources = tempfile::tempdir()?;
/// # let sources = sources.path();
/// std::fs::write(sources.join("main.ts"), "export {}")?;
///
/// // A folder that no build has written is never replaced.
/// match devtools.build(sources).await {
///     Err(DumpError::NotOurs(folder)) => assert_eq!(folder, sources),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The folder is not empty, and it has no list of files that shows that a build wrote it.
    #[error(
        "`{}` is not empty, and no build wrote it: name a folder that is empty or does not exist yet, or \
         remove this one yourself",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// The folder of the dump holds a file that no build wrote, at a path that the build writes itself.
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
    /// The path names a file, not a folder.
    #[error("`{}` is a file: name a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder cannot be replaced, for instance because it is the root of a file system.
    #[error("`{}` cannot be replaced as a whole: name a folder inside of it", .0.display())]
    NoName(PathBuf),
    /// The folder holds the source files of a view, or lies inside of them.
    #[error(
        "the dump cannot be written to `{}`: the view at `{base}` has its files in `{}`; name a folder beside it",
        folder.display(), source_folder.display()
    )]
    OverlapsView {
        /// The folder of the dump.
        folder: PathBuf,
        /// The base of the view.
        base: String,
        /// The folder with the view's files.
        source_folder: PathBuf,
    },
    /// Two different files, of views or of the dump itself, would have the same path.
    #[error(
        "two files of the dump would have the path `{0}`: host the views at bases that do not contain each other's files"
    )]
    SamePath(String),
    /// The base of a view, or the path of one of its files, is not a valid path within a folder.
    #[error(
        "`{0}` is not a valid path for a file of the dump: a view's base and the paths of its files must not contain `..`"
    )]
    Path(String),
    /// The folder holds no dump.
    #[error("there is no dump in `{}`: write one first", .0.display())]
    Nothing(PathBuf),
    /// The list of the dump's files could not be read.
    #[error("`{}` does not list the files of a dump: build it again", path.display())]
    SideFile {
        /// The file.
        path: PathBuf,
        /// The error of reading it as JSON.
        #[source]
        source: serde_json::Error,
    },
    /// Something could not be dumped, and [`DumpOptions::strict`](crate::dump::DumpOptions::strict) is set.
    #[error("not everything could be dumped:\n{0}")]
    Incomplete(Box<DumpReport>),
    /// A file or a folder could not be read or written.
    #[error("`{}` could not be {done}", path.display())]
    Io {
        /// The operation as a participle: "read" or "written".
        done: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// The runtime is shutting down and stopped the build.
    #[error("the dump was stopped because the program is shutting down")]
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

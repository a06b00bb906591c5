//! Whether a folder still is what a build has written.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::dump::regular_file;
use crate::dump::report::{Bytes, Count};
use crate::dump::write::{SIDE_FILE, SideFile, Target, files_in, is_known, sum_of};

/// How many files of a kind are shown.
const SHOWN: usize = 10;

/// What of a dump is not as it was written: from [`check_dump`].
///
/// Displayed, it is one line, and a list below it if there is something wrong.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::dump::check_dump;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// devtools.build(&folder).await?;
/// std::fs::write(folder.join("notes.txt"), "by hand")?;
///
/// let check = check_dump(&folder)?;
/// assert!(!check.is_whole());
/// assert_eq!(check.extra, ["notes.txt"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DumpCheck {
    /// The folder.
    pub folder: PathBuf,
    /// How many files there should be.
    pub files: usize,
    /// The bytes these should have.
    pub bytes: u64,
    /// Files that are not there, relative to the folder.
    pub missing: Vec<String>,
    /// Files with another content.
    pub changed: Vec<String>,
    /// Files that no build wrote, but for those that hosts and git put there, such as `CNAME` and `.git`.
    pub extra: Vec<String>,
}

impl DumpCheck {
    /// Whether everything is as it was written.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty() && self.extra.is_empty()
    }
}

/// Compares the files of a static dump with the list in its `__dump.json`, by size and SHA-256.
///
/// It reads every file, on the thread that calls it.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::dump::check_dump;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("dist");
/// let devtools = DevTools::builder().without_collected().build().await?;
/// devtools.build(&folder).await?;
/// assert!(check_dump(&folder)?.is_whole());
///
/// std::fs::write(folder.join("__rpc-dump/index.json"), "{}")?;
/// let check = check_dump(&folder)?;
/// assert_eq!(check.changed, ["__rpc-dump/index.json"]);
/// println!("{check}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If there is no dump in the folder, or it cannot be read.
pub fn check_dump(folder: impl AsRef<Path>) -> Result<DumpCheck, DumpError> {
    check(folder.as_ref())
}

fn check(folder: &Path) -> Result<DumpCheck, DumpError> {
    let folder = Target::existing(folder)?.path;
    let listed = SideFile::read(&folder)?.files;
    let mut found = files_in(&folder)?;
    found.remove(SIDE_FILE);
    let mut check = DumpCheck {
        files: listed.len(),
        bytes: listed.values().map(|sum| sum.bytes).sum(),
        missing: Vec::new(),
        changed: Vec::new(),
        extra: Vec::new(),
        folder,
    };
    for (path, sum) in listed {
        match found.remove(&path) {
            None => check.missing.push(path),
            Some(kind) if !kind.is_file() => check.changed.push(path),
            Some(_) => {
                if !is_as(&check.folder.join(&path), sum)? {
                    check.changed.push(path);
                }
            }
        }
    }
    check.extra = found.into_keys().filter(|path| !is_known(path)).collect();
    Ok(check)
}

fn is_as(path: &Path, sum: Sum) -> Result<bool, DumpError> {
    let file = regular_file::open(path).map_err(DumpError::reading(path))?;
    let size = file.metadata().map_err(DumpError::reading(path))?.len();
    Ok(size == sum.bytes && sum_of(file).map_err(DumpError::reading(path))? == sum)
}

impl fmt::Display for DumpCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            folder,
            files,
            bytes,
            missing,
            changed,
            extra,
        } = self;
        let (files, bytes) = (Count(*files, "file", "files"), Bytes(*bytes));
        let folder = folder.display();
        if self.is_whole() {
            return write!(f, "{folder} is whole: {files}, {bytes}");
        }
        write!(f, "{folder} is not as it was written ({files}, {bytes})")?;
        for (title, paths) in [("missing", missing), ("changed", changed), ("extra", extra)] {
            for path in paths.iter().take(SHOWN) {
                write!(f, "\n  {title}: {path}")?;
            }
            if let Some(more @ 1..) = paths.len().checked_sub(SHOWN) {
                write!(f, "\n  {title}: and {more} more")?;
            }
        }
        Ok(())
    }
}

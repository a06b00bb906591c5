//! Checks that the files of a dump are unchanged since its build.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::dump::collected::Sum;
use crate::dump::failure::DumpError;
use crate::dump::report::{ByteSize, Quantity};
use crate::dump::write::{SIDE_FILE, SideFile, Target, files_in, is_known, sum_of};
use crate::files::regular_file;

/// The number of paths shown for each kind of problem.
const SHOWN: usize = 10;

/// The result of [`check_dump`]: the files of a dump that are missing, changed or extra.
///
/// Its `Display` writes one line, followed by the list of problems if there are any.
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
    /// The number of files that the dump should have.
    pub files: usize,
    /// The total size of these files in bytes.
    pub bytes: u64,
    /// Files that are missing, as paths relative to the folder.
    pub missing: Vec<String>,
    /// Files whose content differs from what the build wrote.
    pub changed: Vec<String>,
    /// Files that no build wrote. Files that hosts and git add, such as `CNAME` and `.git`, do not count.
    pub extra: Vec<String>,
}

impl DumpCheck {
    /// Returns `true` if no file is missing, changed or extra.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty() && self.extra.is_empty()
    }
}

/// Compares the files of a static dump with the list in its `__dump.json`, by size and SHA-256.
///
/// It reads every file and blocks the calling thread meanwhile.
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
/// [`DumpError`] if the folder holds no dump or a file cannot be read.
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
        let (files, bytes) = (Quantity(*files, "file", "files"), ByteSize(*bytes));
        let folder = folder.display();
        if self.is_whole() {
            return write!(f, "{folder} is complete and unchanged: {files}, {bytes}");
        }
        write!(
            f,
            "{folder} differs from what the build wrote ({files}, {bytes})"
        )?;
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

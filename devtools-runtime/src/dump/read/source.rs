//! Where the files of a dump are.

use std::error::Error;
use std::pin::Pin;

use crate::function::BoxError;

/// Where the files of a dump are: a folder, or a server of files.
pub(crate) trait Source: Send + Sync + 'static {
    /// What a person knows the file at `path` by.
    fn name_of(&self, path: &str) -> String;

    /// Another spelling of `path`, for when there is nothing to be read under its own.
    ///
    /// A file whose name has percent signs is where a server of files finds it only if they are escaped once more, and
    /// a manifest may have done that already ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).
    fn respelled(&self, path: &str) -> Option<String>;

    /// Reads the file at `path`, of `limit` bytes at most.
    fn read(&self, path: &str, limit: usize) -> Reading<'_>;
}

/// A file on its way.
pub(crate) type Reading<'s> = Pin<Box<dyn Future<Output = Result<Vec<u8>, BoxError>> + Send + 's>>;

/// What is wrong with a file of a dump.
#[derive(Debug, thiserror::Error)]
#[error("{file}")]
pub(crate) struct FileError {
    /// The file, as its source names it.
    pub(crate) file: String,
    /// What is wrong with it.
    #[source]
    pub(crate) problem: BoxError,
}

impl FileError {
    /// The file, and all that is said of it.
    pub(super) fn in_one_line(&self) -> String {
        let mut line = format!("{}: {}", self.file, self.problem);
        let mut source = self.problem.source();
        while let Some(error) = source {
            let text = error.to_string();
            // Some errors repeat what they stem from.
            if !line.ends_with(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            source = Error::source(error);
        }
        line
    }
}

/// Whether a path of a manifest leads to a file below the base, and nowhere else.
pub(crate) fn check_path(path: &str) -> Result<(), BoxError> {
    let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
    let leads_down = path.split('/').all(is_plain) && !path.contains(['\\', '\0']);
    // A drive, or the scheme of a URL.
    let is_relative = !path
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'));
    if leads_down && is_relative {
        Ok(())
    } else {
        Err("the path leads out of the dump".into())
    }
}

/// What a file over the limit is refused with.
pub(crate) fn too_large(limit: usize) -> BoxError {
    format!("the file is over the limit `frame_bytes` of {limit} bytes").into()
}

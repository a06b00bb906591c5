//! The source of a dump's files.

use std::pin::Pin;

use crate::function::BoxError;

/// Reads the files of a dump: from a folder, or from a web server.
pub(crate) trait DumpFiles: Send + Sync + 'static {
    /// Returns the name of the file at `path` for messages.
    fn name_of(&self, path: &str) -> String;

    /// Returns another spelling of `path`, to be tried if there is no file with the first one.
    ///
    /// A web server finds a file with percent signs in its name only if they are escaped once more, and a manifest
    /// may have done that already ([protocol 8.1](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#81-files)).
    fn respelled(&self, path: &str) -> Option<String>;

    /// Reads the file at `path`. Fails if it has more than `limit` bytes.
    fn read(&self, path: &str, limit: usize) -> Reading<'_>;
}

/// The future of a file that is being read.
pub(crate) type Reading<'s> = Pin<Box<dyn Future<Output = Result<Vec<u8>, BoxError>> + Send + 's>>;

/// The error of reading a file of a dump.
#[derive(Debug, thiserror::Error)]
#[error("{file}")]
pub(crate) struct FileError {
    /// The name of the file for messages.
    pub(crate) file: String,
    /// The reason.
    #[source]
    pub(crate) problem: BoxError,
}

/// Checks that a path of a manifest leads to a file below the base.
pub(crate) fn check_path(path: &str) -> Result<(), BoxError> {
    let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
    let leads_down = path.split('/').all(is_plain) && !path.contains(['\\', '\0']);
    // A colon in the first segment marks a drive or the scheme of a URL.
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

/// Returns the error for a file that exceeds the limit.
pub(crate) fn too_large(limit: usize) -> BoxError {
    format!("the file is over the limit `frame_bytes` of {limit} bytes").into()
}

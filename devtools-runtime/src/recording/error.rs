//! The errors of recordings.

use std::io;
use std::path::PathBuf;

/// The error of beginning a recording.
///
/// ```
/// use devtools_runtime::testing::{RecordError, Recorder};
/// use devtools_runtime::{BuildError, DevTools};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let builder = DevTools::builder().without_collected().record(Recorder::new("no/such/folder/a.jsonl"));
/// let error = builder.build().await.unwrap_err();
/// assert!(matches!(error, BuildError::Record(RecordError::Write { .. })));
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file could not be written.
    #[error("could not write the recording `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// Another recorder writes to the file.
    #[error(
        "could not write the recording `{}`: another program records to it; choose another file",
        .0.display()
    )]
    Taken(PathBuf),
    /// The file exists and is not a recording, so it is not replaced.
    #[error(
        "could not write the recording `{}`: the file exists and is no recording; choose another file or remove it",
        .0.display()
    )]
    NotARecording(PathBuf),
}

/// The error of reading a recording.
///
/// ```
/// use devtools_runtime::testing::Recording;
///
/// let error = Recording::parse("hello").unwrap_err();
/// assert!(error.to_string().starts_with("line 1 is not the header of a recording"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadRecordingError {
    /// The file could not be read.
    #[error("could not read the recording `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The first line is not the header of a recording.
    #[error("line 1 is not the header of a recording: {0}")]
    Header(String),
    /// The recording has a version that this crate does not know.
    #[error(
        "the recording has version {0} of the format, and this program reads version 1: use a newer one"
    )]
    Version(u64),
    /// A line is not a line of a recording.
    #[error("line {line} is not a line of a recording: {reason}")]
    Line {
        /// The number of the line. The header is line 1.
        line: usize,
        /// The problem of the line.
        reason: String,
    },
}

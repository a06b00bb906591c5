//! The options of a recorder, and its file.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::files::{FileLock, try_lock};
use crate::recording::error::RecordError;
use crate::recording::header::RecordingHeader;

/// Writes the sessions of a program to a file, for [`DevToolsBuilder::record`](crate::DevToolsBuilder::record).
///
/// The file is text with one frame in each line
/// ([protocol 20](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#20-recordings)). A [`Recording`](super::Recording)
/// reads it. Tokens and one-time codes are never written. Fields are left out by their [names](Self::redact).
///
/// Frames are written by a thread of the recorder, so a slow disk delays no call. The file is complete up to the last frame whenever the
/// thread has nothing to do, also if the process is killed; [`DevTools::shutdown`](crate::DevTools::shutdown) waits for it. If the file cannot be
/// written any more, recording ends with a warning, and the program goes on.
///
/// An existing recording is replaced. Any other existing file is refused. Only the user who runs the program may read
/// the file.
///
/// ```
/// use devtools_runtime::testing::Recorder;
/// use devtools_runtime::{DevTools, rpc_function};
///
/// #[rpc_function(name = "docs-of-recorder:sign-up")]
/// fn sign_up(name: String, password: String) -> bool {
///     name.len() < password.len()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("session.jsonl");
/// let devtools = DevTools::builder()
///     .without_collected()
///     .function(SignUp::definition())
///     .record(Recorder::new(&file).redact(["password"]))
///     .build()
///     .await?;
/// SignUp::call(&devtools.client(), "ada", "lovelace").await?;
/// devtools.shutdown().await;
///
/// let text = std::fs::read_to_string(&file)?;
/// assert!(text.contains(r#""call":"docs-of-recorder:sign-up","id":1,"args":["ada","[redacted]"]"#));
/// assert!(!text.contains("lovelace"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a recorder does nothing until a builder has it"]
pub struct Recorder {
    path: PathBuf,
    pub(super) fields: BTreeSet<String>,
    pub(super) queue_frames: usize,
    pub(super) queue_bytes: usize,
    pub(super) file_bytes: u64,
    pub(super) open_calls: usize,
}

impl Recorder {
    /// Creates a recorder that writes to this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            fields: BTreeSet::new(),
            queue_frames: 16_384,
            queue_bytes: 128 << 20,
            file_bytes: 1 << 30,
            open_calls: 65_536,
        }
    }

    /// Leaves out the values of fields with these names: properties of objects and keys of maps at any depth,
    /// parameters, and patches of shared states whose path leads through such a field. `"[redacted]"` stands in their
    /// place. Text that contains JSON is not searched.
    pub fn redact<F: Into<String>>(mut self, fields: impl IntoIterator<Item = F>) -> Self {
        self.fields.extend(fields.into_iter().map(Into::into));
        self
    }

    crate::setters! {
        /// Sets how many frames may wait to be written. Default: 16,384. Further frames are dropped, and a line of the recording has their number.
        pub const fn queue_frames(frames: usize) { queue_frames = frames }

        /// Sets how many bytes of frames may wait to be written. Default: 128 MiB. A frame counts for at least 512 bytes. Further frames are dropped,
        /// and a line of the recording has their number.
        pub const fn queue_bytes(bytes: usize) { queue_bytes = bytes }

        /// Sets how large the file may become, in bytes. Default: 1 GiB. Then the recording ends with a line that says so, and the program goes on.
        pub const fn file_bytes(bytes: u64) { file_bytes = bytes }

        /// Sets how many calls of all sessions may wait for their reply. Default: 65,536. A call counts once more for each KiB of its name and its id.
        /// Beyond the limit, the call that has waited longest is forgotten: its reply is not recorded.
        pub const fn open_calls(calls: usize) { open_calls = calls }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file, and writes the header.
    pub(super) fn open(&self) -> Result<File, RecordError> {
        let failed = |source| RecordError::Write {
            path: self.path.clone(),
            source,
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(failed)?;
        // A device or a pipe is neither locked nor emptied.
        if file.metadata().map_err(failed)?.is_file() {
            if try_lock(&file).map_err(failed)? == FileLock::Taken {
                return Err(RecordError::Taken(self.path.clone()));
            }
            if !is_replaceable(&mut file).map_err(failed)? {
                return Err(RecordError::NotARecording(self.path.clone()));
            }
            file.set_len(0).map_err(failed)?;
            file.rewind().map_err(failed)?;
        }
        let header = RecordingHeader::new(self.fields.iter().cloned()).line() + "\n";
        file.write_all(header.as_bytes()).map_err(failed)?;
        Ok(file)
    }
}

impl<P: Into<PathBuf>> From<P> for Recorder {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

/// Returns whether a file is empty or a recording.
fn is_replaceable(file: &mut File) -> io::Result<bool> {
    let mut begin = Vec::new();
    file.take(64).read_to_end(&mut begin)?;
    Ok(begin.is_empty() || RecordingHeader::begins(&begin))
}

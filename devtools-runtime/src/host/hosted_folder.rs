//! A folder whose files are hosted. Files outside of the folder cannot be read through it.
//!
//! The folder stays open, and files are opened relative to its descriptor. The operating system resolves the path, so a
//! part of the path that becomes a link at any time is either followed within the folder or refused. If the code checked a
//! path and then opened it by name, another process could replace it in between.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

use crate::mutex::Mutex;

/// A folder whose files are hosted. All clones are the same folder.
#[derive(Debug, Clone)]
pub(crate) struct HostedFolder(Arc<Hosted>);

#[derive(Debug)]
struct Hosted {
    /// The absolute path that the program gave.
    path: PathBuf,
    /// `None` as long as the folder does not exist. The lock is held while the path is examined.
    current: Mutex<Option<OpenFolder>>,
}

/// An open folder.
#[derive(Debug, Clone)]
struct OpenFolder {
    dir: Arc<Dir>,
    /// The path of the folder without links.
    root: PathBuf,
    identity: FolderIdentity,
}

/// The identity of a folder, which differs from that of a folder that has the same path later.
#[cfg(unix)]
type FolderIdentity = (u64, u64);
#[cfg(not(unix))]
type FolderIdentity = Option<std::time::SystemTime>;

/// The target of a path within a hosted folder.
#[derive(Debug)]
pub(crate) enum OpenedPath {
    File(File, Metadata),
    Folder,
    /// A target outside of the folder, which is not opened.
    Outside,
}

impl HostedFolder {
    /// Opens a folder. If it does not exist yet, it is opened once it exists.
    pub(crate) fn open(path: &Path) -> Self {
        // Only an empty path cannot be made absolute, and an empty path has no files.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = OpenFolder::open(&path)
            .inspect_err(|error| {
                tracing::debug!(%error, folder = %path.display(), "a hosted folder does not exist yet");
            })
            .ok();
        Self(Arc::new(Hosted {
            path,
            current: Mutex::new(folder),
        }))
    }

    /// Returns the absolute path of the folder, as the program gave it.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// Opens the target of `path`, a relative path with slashes and without `.` and `..`. The empty path is the folder
    /// itself.
    ///
    /// A link is followed if its target is within the folder, whether the link is absolute or relative. A FIFO, a socket or a
    /// device counts as missing, so this never waits for another process.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no file or folder, and other errors of the operating system.
    pub(crate) fn open_within(&self, path: &str) -> io::Result<OpenedPath> {
        let folder = self.current()?;
        let opened = match open(&folder.dir, Path::new(path)) {
            Err(error) if leads_out(&error) => folder.open_absolute_link(path),
            opened => opened,
        };
        opened.map_err(|error| {
            if is_missing(&error) {
                io::ErrorKind::NotFound.into()
            } else {
                error
            }
        })
    }

    /// Returns the open folder. If another folder now has the same path, as after a build that replaces its output, that
    /// folder is opened. A link that now has the path is not followed.
    fn current(&self) -> io::Result<OpenFolder> {
        let mut current = self.0.current.lock();
        let folder = match &*current {
            None => OpenFolder::open(&self.0.path)?,
            Some(folder) => folder.replaced().unwrap_or_else(|| folder.clone()),
        };
        *current = Some(folder.clone());
        Ok(folder)
    }
}

impl OpenFolder {
    fn open(path: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(path)?;
        let dir = Dir::open_ambient_dir(&root, ambient_authority())?;
        let identity = identity(&dir.try_clone()?.into_std_file().metadata()?);
        Ok(Self {
            dir: Arc::new(dir),
            root,
            identity,
        })
    }

    /// Opens the target of an absolute link, if it is within the folder.
    fn open_absolute_link(&self, path: &str) -> io::Result<OpenedPath> {
        let real = fs::canonicalize(self.root.join(path))?;
        // The resolved path is opened relative to the open folder, so that a change in between cannot lead out of it.
        match real
            .strip_prefix(&self.root)
            .map(|within| open(&self.dir, within))
        {
            Ok(Err(error)) if leads_out(&error) => Ok(OpenedPath::Outside),
            Ok(opened) => opened,
            Err(_) => {
                tracing::debug!(path, "did not follow a link out of a hosted folder");
                Ok(OpenedPath::Outside)
            }
        }
    }

    /// Returns the folder that now has the path of this one, or `None` if it is still this one or not a folder.
    fn replaced(&self) -> Option<Self> {
        let there = fs::symlink_metadata(&self.root).ok()?;
        if !there.is_dir() || identity(&there) == self.identity {
            return None;
        }
        let new = Self::open(&self.root).ok()?;
        // Accepts the new folder only if it is the one that was examined, and not the target of a link.
        (new.root == self.root && new.identity == identity(&there)).then_some(new)
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> FolderIdentity {
    use std::os::unix::fs::MetadataExt as _;

    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> FolderIdentity {
    metadata.created().ok()
}

fn open(dir: &Dir, path: &Path) -> io::Result<OpenedPath> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    // The type is checked first, because opening a device may have an effect.
    let found = dir.metadata(path)?;
    if found.is_dir() {
        return Ok(OpenedPath::Folder);
    }
    if !found.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = dir.open_with(path, &options())?.into_std();
    // Another process may have replaced the file since the check.
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        Ok(OpenedPath::Folder)
    } else if metadata.is_file() {
        Ok(OpenedPath::File(file, metadata))
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Returns the options to open a file for reading, without waiting for the other end of a FIFO.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        use rustix::fs::OFlags;

        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        #[expect(clippy::cast_possible_wrap, reason = "C has these flags as an `int`")]
        options.custom_flags(flags.bits() as i32);
    }
    options
}

/// Returns whether `cap-std` refused a path because it leads out of the folder. Such an error has no code of the operating
/// system.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Returns whether an error means that no file has this name.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind;

    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput
    ) || is_unusable_name(error)
}

/// Returns whether a name is too long, or links form a circle.
#[cfg(unix)]
fn is_unusable_name(error: &io::Error) -> bool {
    use rustix::io::Errno;

    let errors = [Errno::NAMETOOLONG, Errno::LOOP];
    errors
        .map(|errno| Some(errno.raw_os_error()))
        .contains(&error.raw_os_error())
}

#[cfg(not(unix))]
fn is_unusable_name(_error: &io::Error) -> bool {
    false
}

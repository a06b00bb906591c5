//! A folder whose files are hosted. Nothing outside of it can be read through it.
//!
//! The folder is held open, and files are opened beneath that handle: the operating system resolves the path, so that a
//! part of the path which becomes a link at any time is either followed within the folder or refused. Checking a path
//! first and opening it by its name afterwards would leave a gap between the two.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};

/// A folder whose files are hosted. Cloning gives the same.
#[derive(Debug, Clone)]
pub(crate) struct HostedFolder(Arc<Hosted>);

#[derive(Debug)]
struct Hosted {
    /// As the program names it, absolute.
    path: PathBuf,
    /// `None` as long as there is no folder. The lock is held while the path is looked at.
    held: Mutex<Option<Held>>,
}

/// An open folder.
#[derive(Debug, Clone)]
struct Held {
    dir: Arc<Dir>,
    /// Without links.
    root: PathBuf,
    identity: Identity,
}

/// The number of a folder, which tells it from another one that has the same path later.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = Option<std::time::SystemTime>;

/// The target of a path within a hosted folder.
#[derive(Debug)]
pub(crate) enum Opened {
    File(File, Metadata),
    Folder,
    /// Something outside of the folder, which is not opened.
    Outside,
}

impl HostedFolder {
    /// Opens a folder. If there is none yet, it is opened once it is there.
    pub(crate) fn open(path: &Path) -> Self {
        // A path that cannot be made absolute is empty, and leads nowhere.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let held = Held::open(&path)
            .inspect_err(|error| {
                tracing::debug!(%error, folder = %path.display(), "a hosted folder is not there yet");
            })
            .ok();
        Self(Arc::new(Hosted {
            path,
            held: Mutex::new(held),
        }))
    }

    /// The path of the folder, as the program names it.
    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    /// Opens what `path` leads to: a relative path with slashes and without `.` and `..`. The empty path is the folder
    /// itself.
    ///
    /// A link is followed if it leads to something within the folder, absolute or not. A FIFO, a socket or a device
    /// counts as missing: opening it never waits for another process.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) for what is missing, and what else the operating system says.
    pub(crate) fn open_within(&self, path: &str) -> io::Result<Opened> {
        let held = self.held()?;
        let opened = match open(&held.dir, Path::new(path)) {
            Err(error) if leads_out(&error) => held.open_absolute_link(path),
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

    /// The open folder. It is opened again where another folder has taken its place, as when a build replaces its
    /// output; a link that takes its place is not followed.
    fn held(&self) -> io::Result<Held> {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match &*held {
            None => Held::open(&self.0.path)?,
            Some(current) => current.replaced().unwrap_or_else(|| current.clone()),
        };
        *held = Some(current.clone());
        Ok(current)
    }
}

impl Held {
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

    /// Opens what an absolute link leads to, if that is within the folder.
    fn open_absolute_link(&self, path: &str) -> io::Result<Opened> {
        let real = fs::canonicalize(self.root.join(path))?;
        // What the name led to just now is opened beneath the handle again, so that it cannot lead out meanwhile.
        match real
            .strip_prefix(&self.root)
            .map(|within| open(&self.dir, within))
        {
            Ok(Err(error)) if leads_out(&error) => Ok(Opened::Outside),
            Ok(opened) => opened,
            Err(_) => {
                tracing::debug!(path, "a link out of a hosted folder is not followed");
                Ok(Opened::Outside)
            }
        }
    }

    /// The folder that has taken the place of this one; `None` if there is none.
    fn replaced(&self) -> Option<Self> {
        let there = fs::symlink_metadata(&self.root).ok()?;
        if !there.is_dir() || identity(&there) == self.identity {
            return None;
        }
        let new = Self::open(&self.root).ok()?;
        // Opened was what had been looked at, and no link to something else.
        (new.root == self.root && new.identity == identity(&there)).then_some(new)
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;

    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    metadata.created().ok()
}

fn open(dir: &Dir, path: &Path) -> io::Result<Opened> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    // Looked at first, because opening a device may do something.
    let found = dir.metadata(path)?;
    if found.is_dir() {
        return Ok(Opened::Folder);
    }
    if !found.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = dir.open_with(path, &options())?.into_std();
    // What was looked at may have been exchanged since.
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        Ok(Opened::Folder)
    } else if metadata.is_file() {
        Ok(Opened::File(file, metadata))
    } else {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Opens for reading, without waiting for the other end of a FIFO.
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

/// Whether a path was refused because it leads out of the folder: the operating system did not say it.
fn leads_out(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Whether an error says that there can be nothing of this name.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind;

    matches!(
        error.kind(),
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput
    ) || can_be_no_name(error)
}

/// Whether a name is too long, or links lead in a circle.
#[cfg(unix)]
fn can_be_no_name(error: &io::Error) -> bool {
    use rustix::io::Errno;

    let errors = [Errno::NAMETOOLONG, Errno::LOOP];
    errors
        .map(|errno| Some(errno.raw_os_error()))
        .contains(&error.raw_os_error())
}

#[cfg(not(unix))]
fn can_be_no_name(_error: &io::Error) -> bool {
    false
}

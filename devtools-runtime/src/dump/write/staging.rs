//! The new folder of a running build.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dump::failure::DumpError;
use crate::dump::names::FOLDER;
use crate::dump::write::foreign;
use crate::dump::write::leftovers::{clear, remove_replaced};
use crate::dump::write::lock::FolderLock;
use crate::dump::write::side_file::{SIDE_FILE, SideFile, SideFileWriter};
use crate::dump::write::swap;
use crate::dump::write::target::{STAGING, Target};

/// How long a build waits for another build that is replacing the same folder.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two attempts to lock the folder.
const PAUSE: Duration = Duration::from_millis(10);

/// How often a build creates its folder anew after another build removed it as a leftover.
const ATTEMPTS: usize = 10;

/// The folder of a dump that is being written, beside its target. Dropping it removes the folder unless it was
/// published.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
    target: Target,
    lock: FolderLock,
    is_published: bool,
}

impl Staging {
    /// Creates an empty staging folder beside `target`.
    pub(super) fn beside(target: Target) -> Result<Self, DumpError> {
        let failed = || DumpError::io("created", &target.parent);
        let mut attempt = 0;
        let (path, lock) = loop {
            let path = target.sibling(STAGING).map_err(failed())?;
            fs::create_dir(&path).map_err(failed())?;
            attempt += 1;
            match FolderLock::make(&path) {
                Ok(lock) => break (path, lock),
                // Another build of the same dump has just removed the folder.
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < ATTEMPTS => {}
                Err(error) => return Err(failed()(error)),
            }
        };
        let staging = Self {
            path,
            target,
            lock,
            is_published: false,
        };
        staging.make_folder(FOLDER)?;
        Ok(staging)
    }

    /// Makes a folder in it, and the folders around that one.
    pub(super) fn make_folder(&self, path: &str) -> Result<(), DumpError> {
        let path = self.path.join(path);
        fs::create_dir_all(&path).map_err(DumpError::io("created", &path))
    }

    /// Returns the path of the folder that it will replace.
    pub(super) fn target(&self) -> &Path {
        &self.target.path
    }

    /// Returns the path of a file in it.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Writes a file. Its folder must exist.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), DumpError> {
        let path = self.file(path);
        fs::write(&path, content).map_err(DumpError::writing(&path))
    }

    /// Opens the side file for writing.
    pub(super) fn side_file(&self) -> Result<SideFileWriter<BufWriter<File>>, DumpError> {
        let path = self.file(SIDE_FILE);
        // The new list begins with the same bytes and is longer, so the file marks the folder at any time.
        let out = self.lock.file();
        let out = out.and_then(|file| SideFileWriter::begin(BufWriter::new(file)));
        out.map_err(DumpError::writing(path))
    }

    /// Puts the folder in the place of the target.
    ///
    /// The side file, which lists all files with their checksums, is safe on the disk by then. The system writes the
    /// other files later, even if the program is killed.
    pub(super) fn publish(mut self) -> Result<(), DumpError> {
        // The lock stops other builds from replacing the folder or removing files that are being linked.
        let _lock = self.lock_replaced()?;
        foreign::carry(&self.target.path, &self.path)?;
        let old = swap::publish(&self.path, &self.target)?;
        self.is_published = true;
        sync(&self.target.parent);
        if let Some(old) = old {
            remove_replaced(&old, &self.target.path);
        }
        Ok(())
    }

    /// Waits until no other build is replacing the target, and locks it. Returns `None` if the target is not a dump.
    fn lock_replaced(&self) -> Result<Option<FolderLock>, DumpError> {
        let place = &self.target.path;
        let until = Instant::now() + PATIENCE;
        loop {
            if !SideFile::is_in(place) {
                return Ok(None);
            }
            if let Some(lock) = FolderLock::take(place) {
                // Another build may have replaced the folder that was locked.
                if lock.is_of(place) {
                    return Ok(Some(lock));
                }
            }
            if Instant::now() >= until {
                let busy = io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another build is still replacing it",
                );
                return Err(DumpError::io("replaced", place)(busy));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_published {
            // If this fails, the next build removes the folder.
            let _ = clear(&self.path);
        }
    }
}

/// Asks the system to write renamed entries of a folder to the disk, so that they survive a crash of the machine.
pub(super) fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

//! A folder on its way.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dump::failure::DumpError;
use crate::dump::names::FOLDER;
use crate::dump::write::foreign;
use crate::dump::write::leftovers::{clear, remove_replaced};
use crate::dump::write::lock::Lock;
use crate::dump::write::side_file::{SIDE_FILE, SideFile, SideFileWriter};
use crate::dump::write::swap;
use crate::dump::write::target::{ON_ITS_WAY, Target};

/// How long a build waits for another one that is just putting its dump into the same place.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long it waits until it looks again.
const PAUSE: Duration = Duration::from_millis(10);

/// How often a folder is made anew that another build took for an old one.
const ATTEMPTS: usize = 10;

/// A dump that is being written, beside its place. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Staging {
    path: PathBuf,
    target: Target,
    lock: Lock,
    is_published: bool,
}

impl Staging {
    /// An empty folder beside `target`.
    pub(super) fn beside(target: Target) -> Result<Self, DumpError> {
        let failed = || DumpError::io("made", &target.parent);
        let mut attempt = 0;
        let (path, lock) = loop {
            let path = target.sibling(ON_ITS_WAY).map_err(failed())?;
            fs::create_dir(&path).map_err(failed())?;
            attempt += 1;
            match Lock::make(&path) {
                Ok(lock) => break (path, lock),
                // Another build of the same dump has just cleared it away.
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

    /// Makes a folder in it, with those that lead there.
    pub(super) fn make_folder(&self, path: &str) -> Result<(), DumpError> {
        let path = self.path.join(path);
        fs::create_dir_all(&path).map_err(DumpError::io("made", &path))
    }

    /// The folder that it is to be.
    pub(super) fn target(&self) -> &Path {
        &self.target.path
    }

    /// The path of a file in it.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// Writes a file, whose folder is there.
    pub(super) fn write(&self, path: &str, content: &[u8]) -> Result<(), DumpError> {
        let path = self.file(path);
        fs::write(&path, content).map_err(DumpError::writing(&path))
    }

    /// The side file, to be written.
    pub(super) fn side_file(&self) -> Result<SideFileWriter<BufWriter<File>>, DumpError> {
        let path = self.file(SIDE_FILE);
        // It begins with what is there, and is longer, so that it says whose it is at any time.
        let out = self.lock.file();
        let out = out.and_then(|file| SideFileWriter::begin(BufWriter::new(file)));
        out.map_err(DumpError::writing(path))
    }

    /// Puts it into its place.
    ///
    /// What tells whether a dump is whole is safe on the disk by then; the rest is there as soon as the system
    /// writes it, which a killed program does not prevent.
    pub(super) fn publish(mut self) -> Result<(), DumpError> {
        // Nobody else replaces the folder meanwhile, nor takes away what is being linked.
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

    /// Locks the dump that is in the place, if one is, as soon as no other build puts its own there.
    fn lock_replaced(&self) -> Result<Option<Lock>, DumpError> {
        let place = &self.target.path;
        let until = Instant::now() + PATIENCE;
        loop {
            if !SideFile::is_in(place) {
                return Ok(None);
            }
            if let Some(lock) = Lock::take(place) {
                // Another build may have replaced the one that was locked.
                if lock.is_of(place) {
                    return Ok(Some(lock));
                }
            }
            if Instant::now() >= until {
                let busy = io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another build of it has not ended",
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
            // If it does not go away, the next build removes it.
            let _ = clear(&self.path);
        }
    }
}

/// Makes what was renamed in a folder survive the machine, where the system can be asked to.
pub(super) fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

//! The file of revoked tokens, which lies beside the file of tokens, and the lock for changes of both files.
//!
//! The file of tokens is replaced as a whole, so it cannot be locked itself: a process that waits for the lock would receive
//! the lock of a replaced file. Another program that has all tokens in memory, as the JavaScript server has, writes revoked
//! tokens back when it stores its own. They stay revoked here, because this file lists them.
//!
//! A record is the SHA-256 of a token as 64 hex digits and a line break. All records have the same length, so that a process
//! that reads while another one writes sees whole records.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::files::regular_file;
#[cfg(unix)]
use crate::files::{FileLock, try_lock};

/// The length of a record in bytes.
const RECORD: usize = 65;

/// The largest number of records. When it is reached, the older half is deleted.
const RECORDS: usize = 1000;

/// How long to wait for another process that changes the tokens. A change usually takes some milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before the next attempt to lock.
const RETRY_DELAY: Duration = Duration::from_millis(2);

/// Returns the path of the file of revoked tokens that belongs to a file of tokens.
pub(crate) fn beside(tokens: &Path) -> PathBuf {
    tokens.with_extension("json.revoked")
}

/// Returns the record of a token.
pub(crate) fn record(token: &str) -> String {
    let mut record = String::with_capacity(RECORD);
    HEXLOWER.encode_append(&Sha256::digest(token.as_bytes()), &mut record);
    record.push('\n');
    record
}

/// Returns whether the file at `path` has the record of a token.
pub(crate) fn contains(path: &Path, token: &str) -> io::Result<bool> {
    match regular_file::open(path) {
        Ok(file) => Ok(records(file)?
            .chunks_exact(RECORD)
            .any(|it| it == record(token).as_bytes())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn records(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut records = Vec::new();
    // The file never has that many records, so the rest of a larger file is ignored.
    let most = 2 * RECORDS * RECORD;
    file.take(most as u64).read_to_end(&mut records)?;
    Ok(records)
}

/// The lock for changes of both files. It is released when this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct RevocationLock(File);

impl RevocationLock {
    /// Locks the file at `path` and creates it if necessary. Blocks the thread while another process has the lock.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or another process has the lock for more than ten seconds.
    pub(crate) fn wait(path: &Path) -> io::Result<Self> {
        let begun = Instant::now();
        loop {
            if let Some(file) = open_locked(path)? {
                return Ok(Self(file));
            }
            if begun.elapsed() >= LOCK_TIMEOUT {
                let problem = format!("another process has locked {}", path.display());
                return Err(io::Error::new(io::ErrorKind::TimedOut, problem));
            }
            sleep(RETRY_DELAY);
        }
    }

    /// Adds the record of a token.
    pub(crate) fn add(&mut self, token: &str) -> io::Result<()> {
        let Self(file) = self;
        file.seek(SeekFrom::Start(0))?;
        let records = records(&mut *file)?;
        let record = record(token);
        let known = records.chunks_exact(RECORD);
        let count = known.len();
        if known.clone().any(|it| it == record.as_bytes()) {
            return Ok(());
        }
        if count < RECORDS {
            // This overwrites an incomplete record that an interrupted write has left.
            file.seek(SeekFrom::Start((count * RECORD) as u64))?;
            file.write_all(record.as_bytes())?;
        } else {
            let mut kept = known.skip(count / 2).collect::<Vec<_>>().concat();
            kept.extend_from_slice(record.as_bytes());
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&kept)?;
            file.set_len(kept.len() as u64)?;
        }
        file.sync_all()
    }
}

/// Opens and locks the file. Returns `None` while another process, or another context of this process, has the lock.
#[cfg(unix)]
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    let file = regular_file::open_with(&mut options, path)?;
    let is_taken = try_lock(&file)? == FileLock::Taken;
    Ok((!is_taken).then_some(file))
}

/// Opens the file so that no other process can open it for writing. Returns `None` while another process has it open so.
#[cfg(windows)]
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt as _;

    const FILE_SHARE_READ: u32 = 1;
    const ERROR_SHARING_VIOLATION: i32 = 32;

    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    match options.share_mode(FILE_SHARE_READ).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(any(unix, windows)))]
fn open_locked(path: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .open(path)
        .map(Some)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{RECORD, RECORDS, RevocationLock, contains};

    #[test]
    fn a_revoked_token_is_remembered_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json.revoked");
        assert!(!contains(&path, "a").unwrap());
        let mut lock = RevocationLock::wait(&path).unwrap();
        lock.add("a").unwrap();
        lock.add("a").unwrap();
        assert!(contains(&path, "a").unwrap() && !contains(&path, "b").unwrap());
        assert_eq!(fs::read(&path).unwrap().len(), RECORD);
        // Another process was killed while it wrote.
        fs::write(&path, &fs::read(&path).unwrap()[..40]).unwrap();
        lock.add("b").unwrap();
        assert!(contains(&path, "b").unwrap());
    }

    #[test]
    fn the_oldest_records_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json.revoked");
        let full: String = (0..RECORDS)
            .map(|n| super::record(&n.to_string()))
            .collect();
        fs::write(&path, full).unwrap();
        RevocationLock::wait(&path).unwrap().add("newest").unwrap();
        let has = |token: &str| contains(&path, token).unwrap();
        assert!(has("newest") && has("500") && has("999") && !has("499"));
        let expected = (RECORDS / 2 + 1) * RECORD;
        assert_eq!(fs::read(&path).unwrap().len(), expected);
    }
}

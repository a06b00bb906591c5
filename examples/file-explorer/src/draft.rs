//! Drafts: files that are being written, beside those that they will replace.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;

use cap_std::fs::{Dir, File, OpenOptions};

use crate::open_options::reading;

/// The prefix of the names of drafts. A process id and a count follow.
const DRAFT: &str = ".write-";

/// Returns the name of this process's draft of this number.
pub(crate) fn draft_name(count: u64) -> String {
    format!("{DRAFT}{}-{count}", std::process::id())
}

/// Returns `true` if a file is a draft.
pub(crate) fn is_draft(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(DRAFT));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = rest.and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(process, count)| is_number(process) && is_number(count))
}

/// Writes a new file with this name, and keeps it locked.
pub(crate) fn write_draft(dir: &Dir, name: &str, content: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = dir.open_with(name, &options)?;
    lock(&file);
    file.write_all(content.as_bytes())?;
    Ok(file)
}

/// Returns `true` if the program that wrote this draft was killed. The lock of a draft ends with its program.
pub(crate) fn is_abandoned(dir: &Dir, path: &Path) -> bool {
    dir.open_with(path, &reading())
        .is_ok_and(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()) && lock(&file))
}

/// Locks a file until it is closed. Returns `false` if another program has locked it, or if the system has no locks.
#[cfg(unix)]
fn lock(file: &File) -> bool {
    rustix::fs::flock(file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(not(unix))]
fn lock(_file: &File) -> bool {
    false
}

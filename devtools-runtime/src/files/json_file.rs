//! JSON files that are replaced as a whole: a reader sees either the old text or the new one.
//!
//! A file is written as a draft beside it, flushed to the disk, and renamed to its final name. A draft is locked while its
//! process lives, so that the next process can remove the drafts of a killed one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::lock::{FileLock, try_lock};
use super::regular_file;

/// Reads a JSON file. Renames a damaged file.
pub(crate) fn load<T: DeserializeOwned>(path: &Path, max_size: u64) -> io::Result<T> {
    parse(path, max_size)?.map_err(|error| {
        let kept = put_aside(path);
        kept.err().unwrap_or_else(|| error.into())
    })
}

/// Reads a JSON file. The outer error is that of reading the file, the inner one that of parsing it.
pub(crate) fn parse<T: DeserializeOwned>(
    path: &Path,
    max_size: u64,
) -> io::Result<serde_json::Result<T>> {
    let mut text = Vec::new();
    regular_file::open(path)?
        .take(max_size)
        .read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text))
}

/// Renames a damaged file instead of overwriting it, because its user may want to repair it.
pub(crate) fn put_aside(path: &Path) -> io::Result<()> {
    fs::rename(path, path.with_extension("json.unreadable"))
}

/// A stamp that differs between two versions of a file. `None` if there is no file.
pub(crate) type Stamp = Option<(SystemTime, u64, u64)>;

/// Returns the stamp of the file.
pub(crate) fn stamp(path: &Path) -> io::Result<Stamp> {
    match fs::metadata(path) {
        Ok(metadata) => {
            #[cfg(unix)]
            let number = std::os::unix::fs::MetadataExt::ino(&metadata);
            #[cfg(not(unix))]
            let number = 0;
            Ok(Some((metadata.modified()?, metadata.len(), number)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Replaces a JSON file as a whole: a reader sees either the old text or the new one.
pub(crate) fn store<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');

    let draft = path.with_extension(format!("json.{}", std::process::id()));
    let written = store_draft(&draft, path, &text).or_else(|error| match error.kind() {
        // Another process has just started and removed the draft before it was locked, because it looked abandoned.
        io::ErrorKind::NotFound => store_draft(&draft, path, &text),
        _ => Err(error),
    });
    if written.is_err() {
        // The error of writing is returned, not an error of removing the draft.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Writes a draft, and renames it to the final name.
fn store_draft(draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = create_private(draft)?;
    // The lock shows other processes that this process still runs.
    let _ = try_lock(&file);
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// Removes the drafts of a file whose processes were killed while they wrote.
pub(crate) fn clear_drafts(path: &Path) {
    let entries = path.parent().map(fs::read_dir);
    let (Some(stem), Some(Ok(entries))) = (path.file_stem(), entries) else {
        return;
    };
    let prefix = format!("{}.json.", stem.to_string_lossy());
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        let is_draft = process.is_some_and(|process| process.parse::<u32>().is_ok());
        let is_file = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_draft && is_file() && File::open(entry.path()).is_ok_and(|file| is_abandoned(&file)) {
            // Another process may have removed it.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns whether the process that wrote a draft has ended. Returns `false` if the file system has no locks.
fn is_abandoned(draft: &File) -> bool {
    matches!(try_lock(draft), Ok(FileLock::Locked))
}

/// Creates a folder and its parents, which only their owner can read.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens a new file that only its owner can read. Replaces the file of an earlier process with the same process id.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{clear_drafts, load, store};

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens/auth.json");
        store(&path, &[1, 2]).unwrap();
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        store(&path, &[1, 2]).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        store(&path, &[1, 2]).unwrap();
        assert_eq!(load::<Vec<u8>>(&path, 1024).unwrap(), [1, 2]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(&path, "{ damaged").unwrap();
        load::<Vec<u8>>(&path, 1024).unwrap_err();
        assert!(!path.exists());
        assert!(folder.path().join("auth.json.unreadable").exists());
    }

    #[cfg(unix)]
    #[test]
    fn drafts_of_processes_that_were_killed_are_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        let file = |name: &str| folder.path().join(name);
        let others = ["auth.json.unreadable", "other.json.7", "auth.json.7.txt"];
        for name in ["auth.json.4194303", "auth.json.1"].iter().chain(&others) {
            fs::write(file(name), "x").unwrap();
        }
        let living = fs::File::open(file("auth.json.1")).unwrap();
        assert!(super::is_abandoned(&living));
        clear_drafts(&path);
        assert!(!file("auth.json.4194303").exists());
        assert!(file("auth.json.1").exists());
        assert!(others.iter().all(|name| file(name).exists()));
        drop(living);
        clear_drafts(&path);
        assert!(!file("auth.json.1").exists());
    }
}

//! The file that stores tokens, in the format of the JavaScript server ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)), readable by its
//! owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::host::trust::tokens::Remembered;

/// The number of bytes that are read at most. The file of a program that works as it should is much smaller.
const MAX_SIZE: u64 = 1024 * 1024;

/// The folder in the user's home directory in which each program has a folder of its own.
pub(crate) const FOLDER: &str = ".devtools-runtime";

/// The file in which this program stores its user's tokens, or `None` if the user has no home directory.
pub(crate) fn of_this_user() -> Option<PathBuf> {
    Some(folder_of_this_user()?.join("auth.json"))
}

/// The folder in which this program stores its user's files, or `None` if the user has no home directory.
pub(crate) fn folder_of_this_user() -> Option<PathBuf> {
    let home = std::env::home_dir().filter(|home| home.is_absolute())?;
    let program = std::env::current_exe().ok()?;
    Some(home.join(FOLDER).join(program.file_stem()?))
}

/// Reads the stored tokens. A file that does not exist or is damaged has none.
///
/// # Errors
///
/// If the file cannot be read. Its content is unknown then, so it must not be replaced.
pub(crate) fn read(path: &Path) -> io::Result<Remembered> {
    let read = parse(path, MAX_SIZE);
    if let Ok(Err(error)) = &read {
        tracing::debug!(%error, path = %path.display(), "the file of stored tokens is damaged");
    }
    found(read.map(Result::unwrap_or_default))
}

/// Reads the stored tokens as [`read`] does, before the file is replaced. A damaged file is renamed to `*.json.unreadable`.
pub(crate) fn read_to_change(path: &Path) -> io::Result<Remembered> {
    match parse(path, MAX_SIZE) {
        Ok(Err(error)) => {
            tracing::warn!(%error, path = %path.display(), "the file of stored tokens is damaged; renaming it to `*.json.unreadable` and starting with an empty one");
            put_aside(path)?;
            Ok(Remembered::default())
        }
        read => found(read.map(Result::unwrap_or_default)),
    }
}

fn found(read: io::Result<Remembered>) -> io::Result<Remembered> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Remembered::default()),
        read => read,
    }
}

/// Reads a JSON file. A damaged file is renamed to `*.json.unreadable`.
pub(crate) fn load<T: DeserializeOwned>(path: &Path, max_size: u64) -> io::Result<T> {
    parse(path, max_size)?.map_err(|error| {
        let renamed = put_aside(path);
        renamed.err().unwrap_or_else(|| error.into())
    })
}

/// Reads a JSON file. The outer result is that of reading, the inner one that of parsing.
fn parse<T: DeserializeOwned>(path: &Path, max_size: u64) -> io::Result<serde_json::Result<T>> {
    let mut text = Vec::new();
    File::open(path)?.take(max_size).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text))
}

/// Renames a damaged file, so that it is not overwritten and the user can repair it.
fn put_aside(path: &Path) -> io::Result<()> {
    fs::rename(path, path.with_extension("json.unreadable"))
}

/// A value that differs between two versions of a file. `None` if there is no file.
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

/// Replaces the stored tokens.
pub(crate) fn write(path: &Path, remembered: &Remembered) -> io::Result<()> {
    store(path, remembered)
}

/// Replaces a JSON file atomically: a reader sees the old content or the new content.
pub(crate) fn store<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');

    let draft = path.with_extension(format!("json.{}", std::process::id()));
    let written = store_draft(&draft, path, &text).or_else(|error| match error.kind() {
        // Another process has removed the draft between its creation and its lock, because it looked abandoned.
        io::ErrorKind::NotFound => store_draft(&draft, path, &text),
        _ => Err(error),
    });
    if written.is_err() {
        // The first error is returned, whether or not the removal works.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Writes a draft and renames it to `path`.
fn store_draft(draft: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = create_private(draft)?;
    // The lock tells other processes that the draft is in use.
    lock(&file);
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(draft, path)
}

/// Removes the drafts that killed processes have left beside a file.
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
        if is_draft && is_file() && File::open(entry.path()).is_ok_and(|file| lock(&file)) {
            // Another process may have removed it already.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Locks a file until it is closed. Returns `false` if another process has the lock, or the system has no locks.
#[cfg(unix)]
fn lock(file: &File) -> bool {
    use rustix::fs::{FlockOperation, flock};

    flock(file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(not(unix))]
fn lock(_file: &File) -> bool {
    false
}

pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates a file that only its owner can read. A file that an earlier process with the same id has left is replaced.
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

    use super::{clear_drafts, read, read_to_change, write};
    use crate::host::trust::tokens::Remembered;

    const STORED: &str = r#"{
  "trusted": {
    "b08f4c35e1bea8b614792c8e51f9d449": {
      "authToken": "b08f4c35e1bea8b614792c8e51f9d449",
      "ua": "Chrome 120.0.0.0 | Linux x86_64",
      "origin": "http://localhost:5173",
      "timestamp": 1760000000000
    }
  }
}
"#;

    #[test]
    fn the_file_is_that_of_the_javascript_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        fs::write(&path, STORED).unwrap();
        let remembered = read(&path).unwrap();
        assert_ne!(remembered, Remembered::default());
        write(&path, &remembered).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), STORED);
        write(&path, &Remembered::default()).unwrap();
        // As captured: `auth/storage-file`.
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "{\n  \"trusted\": {}\n}\n"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens/auth.json");
        write(&path, &Remembered::default()).unwrap();
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write(&path, &Remembered::default()).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        fs::write(&path, "{ damaged").unwrap();
        assert_eq!(read(&path).unwrap(), Remembered::default());
        assert!(path.exists(), "whoever only looks changes nothing");
        assert_eq!(read_to_change(&path).unwrap(), Remembered::default());
        write(&path, &Remembered::default()).unwrap();
        let aside = fs::read_to_string(folder.path().join("auth.json.unreadable"));
        assert_eq!(aside.unwrap(), "{ damaged");
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
        assert!(super::lock(&living));
        clear_drafts(&path);
        assert!(!file("auth.json.4194303").exists());
        assert!(file("auth.json.1").exists());
        assert!(others.iter().all(|name| file(name).exists()));
        drop(living);
        clear_drafts(&path);
        assert!(!file("auth.json.1").exists());
    }
}

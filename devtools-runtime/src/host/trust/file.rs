//! The file that stores tokens, in the format of the JavaScript server ([protocol 4.3](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#43-codes-and-tokens)), readable by its
//! owner only.

use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::host::trust::remembered::Remembered;

/// The largest number of bytes that are read. A file that this program has written is much smaller.
const MAX_SIZE: u64 = 1024 * 1024;

/// Returns the path at which this program stores the tokens of its user. Returns `None` if the user has no home directory.
pub(crate) fn of_this_user() -> Option<PathBuf> {
    Some(files::folder_of_this_user()?.join("auth.json"))
}

/// Reads the stored tokens. A file that does not exist or is damaged has none.
///
/// # Errors
///
/// If the file cannot be read. Its content is unknown then, so it must not be replaced.
pub(crate) fn read(path: &Path) -> io::Result<Remembered> {
    let read = files::parse(path, MAX_SIZE);
    if let Ok(Err(error)) = &read {
        tracing::debug!(%error, path = %path.display(), "the file of stored tokens is damaged");
    }
    found(read.map(Result::unwrap_or_default))
}

/// Reads the stored tokens as [`read`] does, before the file is replaced. A damaged file is renamed to `*.json.unreadable`.
pub(crate) fn read_to_change(path: &Path) -> io::Result<Remembered> {
    match files::parse(path, MAX_SIZE) {
        Ok(Err(error)) => {
            tracing::warn!(%error, path = %path.display(), "the file of stored tokens is damaged and was renamed to `*.json.unreadable`");
            files::put_aside(path)?;
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

/// Replaces the content of the file.
pub(crate) fn write(path: &Path, remembered: &Remembered) -> io::Result<()> {
    files::store(path, remembered)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{read, read_to_change, write};
    use crate::host::trust::remembered::Remembered;

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
        // A captured example: `auth/storage-file`.
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "{\n  \"trusted\": {}\n}\n"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
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
}

//! A source that reads a dump from a folder.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::source::{DumpFiles, Reading, check_path, too_large};
use crate::files::regular_file;
use crate::function::BoxError;

/// A source that reads a dump from a folder.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl DumpFiles for Folder {
    fn name_of(&self, path: &str) -> String {
        self.0.join(path).display().to_string()
    }

    fn respelled(&self, path: &str) -> Option<String> {
        percent_decoded(path).filter(|decoded| decoded != path)
    }

    fn read(&self, path: &str, limit: usize) -> Reading<'_> {
        let is_below = |component| matches!(component, Component::Normal(_));
        let checked = check_path(path).and_then(|()| match Path::new(path) {
            path if path.components().all(is_below) => Ok(self.0.join(path)),
            _ => Err("the path leads out of the dump".into()),
        });
        Box::pin(async move {
            let file = checked?;
            tokio::task::spawn_blocking(move || read(&file, limit)).await?
        })
    }
}

fn read(file: &Path, limit: usize) -> Result<Vec<u8>, BoxError> {
    let mut bytes = Vec::new();
    let mut file = regular_file::open(file)?.take((limit as u64).saturating_add(1));
    file.read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// Decodes the percent escapes of a path. Returns `None` if the result is not UTF-8.
pub(super) fn percent_decoded(path: &str) -> Option<String> {
    let decoded = percent_decode_str(path).decode_utf8();
    decoded.ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn only_two_digits_are_an_escape() {
        assert_eq!(percent_decoded("%2525/%c3%BC").unwrap(), "%25/ü");
        for wrong in ["%+f", "%-1", "%", "%2", "%2/", "%zz", "a%"] {
            assert_eq!(percent_decoded(wrong).unwrap(), wrong);
        }
        assert_eq!(percent_decoded("%ff"), None);
    }
}

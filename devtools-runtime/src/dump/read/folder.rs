//! A source that reads a dump from a folder.

use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::source::{Reading, Source, check_path, too_large};
use crate::dump::regular_file;
use crate::function::BoxError;

/// A source that reads a dump from a folder.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl Source for Folder {
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
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *byte == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => decoded.push(high << 4 | low),
            None => decoded.push(*byte),
        }
        rest = &after[if escaped.is_some() { 2 } else { 0 }..];
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

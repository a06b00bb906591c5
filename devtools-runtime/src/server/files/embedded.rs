//! Files that are compiled into the program.

use std::hash::{DefaultHasher, Hasher as _};
use std::io;
use std::time::SystemTime;

use bytes::Bytes;

use crate::host::EmbeddedFile;
use crate::server::files::tree::{FileContent, FilePart, Tree, TreeNode};

impl Tree for [EmbeddedFile] {
    type File = EmbeddedFile;

    fn get(&self, path: &str) -> io::Result<TreeNode<EmbeddedFile>> {
        if let Some(file) = self.iter().find(|file| file.path == path) {
            return Ok(TreeNode::File(*file));
        }
        let is_below = |file: &EmbeddedFile| {
            let below = file.path.strip_prefix(path);
            path.is_empty() || below.is_some_and(|below| below.starts_with('/'))
        };
        if self.iter().any(is_below) {
            Ok(TreeNode::Folder)
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

impl FileContent for EmbeddedFile {
    fn len(&self) -> u64 {
        self.content.len() as u64
    }

    /// Returns a tag made from the length and a hash of the content.
    fn tag(&self) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.content);
        format!("\"{:x}-{:016x}\"", self.content.len(), hasher.finish())
    }

    fn modified(&self) -> Option<SystemTime> {
        None
    }

    fn read(self, start: u64, len: u64) -> io::Result<FilePart> {
        let index = |index: u64| usize::try_from(index).unwrap_or(usize::MAX);
        let end = start.saturating_add(len);
        let bytes = self.content.get(index(start)..index(end));
        let bytes = bytes.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(FilePart::Bytes(Bytes::from_static(bytes)))
    }
}

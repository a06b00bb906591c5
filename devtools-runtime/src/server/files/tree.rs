//! Trees of files, on disk or in the program.

use std::io;
use std::time::SystemTime;

use bytes::Bytes;

/// A tree of files.
pub(super) trait Tree {
    type File: FileContent;

    /// Looks up a path that [`find`](super::find::find) has checked. The empty path is the tree itself.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if there is no file or folder, and other errors if it cannot be read.
    fn get(&self, path: &str) -> io::Result<TreeNode<Self::File>>;
}

/// The target of a path in a tree.
pub(super) enum TreeNode<F> {
    File(F),
    Folder,
    /// A target outside of the tree. Only links in a folder on disk lead there.
    #[cfg(feature = "static-files")]
    Outside,
}

/// The content of one file.
pub(super) trait FileContent {
    fn len(&self) -> u64;

    /// Returns the entity tag, which differs between two contents.
    fn tag(&self) -> String;

    fn modified(&self) -> Option<SystemTime>;

    /// Reads `len` bytes from `start`.
    fn read(self, start: u64, len: u64) -> io::Result<FilePart>;
}

/// The part of a file that is sent.
pub(super) enum FilePart {
    Bytes(Bytes),
    /// A file that is positioned at the start of the part, and the length of the part.
    #[cfg(feature = "static-files")]
    File(std::fs::File, u64),
}

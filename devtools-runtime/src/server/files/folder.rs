//! Files on disk.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::time::SystemTime;

use crate::host::{HostedFolder, OpenedPath};
use crate::server::files::body::CHUNK;
use crate::server::files::tree::{FileContent, FilePart, Tree, TreeNode};

/// An open file with the metadata from when it was opened.
pub(super) struct DiskFile {
    file: File,
    metadata: Metadata,
}

impl Tree for HostedFolder {
    type File = DiskFile;

    fn get(&self, path: &str) -> io::Result<TreeNode<DiskFile>> {
        Ok(match self.open_within(path)? {
            OpenedPath::File(file, metadata) => TreeNode::File(DiskFile { file, metadata }),
            OpenedPath::Folder => TreeNode::Folder,
            OpenedPath::Outside => TreeNode::Outside,
        })
    }
}

impl FileContent for DiskFile {
    fn len(&self) -> u64 {
        self.metadata.len()
    }

    /// Returns a tag made from the file's length and modification time, in nanoseconds if the file system has them.
    fn tag(&self) -> String {
        let since = self.modified().and_then(|modified| {
            let since = modified.duration_since(SystemTime::UNIX_EPOCH);
            since.ok()
        });
        let since = since.unwrap_or_default().as_nanos();
        format!("\"{:x}-{since:x}\"", self.len())
    }

    fn modified(&self) -> Option<SystemTime> {
        self.metadata.modified().ok()
    }

    /// Reads a part of at most one chunk now. A larger part is read while it is sent.
    fn read(mut self, start: u64, len: u64) -> io::Result<FilePart> {
        if start > 0 {
            self.file.seek(SeekFrom::Start(start))?;
        }
        if len > CHUNK {
            return Ok(FilePart::File(self.file, len));
        }
        let mut bytes = Vec::new();
        self.file.take(len).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == len {
            Ok(FilePart::Bytes(bytes.into()))
        } else {
            // The file has become shorter.
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

//! What pages import: plain scripts, found beside the metadata of a live server and of a static dump alike.

use crate::host::EmbeddedFile;

/// The scripts, under the names by which they import each other.
pub(crate) const FILES: &[EmbeddedFile] = &[
    EmbeddedFile::new("client.js", include_bytes!("client.js")),
    EmbeddedFile::new("static.js", include_bytes!("static.js")),
];

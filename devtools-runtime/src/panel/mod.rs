//! What pages import: plain scripts, found beside the metadata of a live server and of a static dump alike.

use crate::host::EmbeddedFile;

/// Embeds a script under the name by which the others import it.
macro_rules! script {
    ($path:literal) => {
        EmbeddedFile::new($path, include_bytes!($path))
    };
}

/// The scripts. What `client.js` consists of has a folder of its own, since a view's files may lie beside them.
pub(crate) const FILES: &[EmbeddedFile] = &[
    script!("client.js"),
    script!("client/attempt.js"),
    script!("client/calls.js"),
    script!("client/clone.js"),
    script!("client/discovery.js"),
    script!("client/errors.js"),
    script!("client/frames.js"),
    script!("client/pulse.js"),
    script!("client/sign-in.js"),
    script!("client/states.js"),
    script!("client/streams.js"),
    script!("client/trust.js"),
    script!("static.js"),
];

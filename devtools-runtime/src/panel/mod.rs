//! The scripts that pages import. They lie beside the metadata, on a live server as in a static dump.

use crate::host::EmbeddedFile;

/// Embeds a script under the name by which the others import it.
macro_rules! script {
    ($path:literal) => {
        EmbeddedFile::new($path, include_bytes!($path))
    };
}

/// The scripts. The parts of `client.js` have a folder of their own, because the files of a view may be in the same
/// folder.
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

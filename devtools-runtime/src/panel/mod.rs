//! The scripts that pages import, and the escaping of texts in pages. The scripts lie beside the metadata and beside
//! each page, on a live server as in a static dump.

mod html;

use crate::host::EmbeddedFile;

pub(crate) use self::html::escaped;

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
    EmbeddedFile::new("client.d.ts", DECLARATIONS),
    script!("client/arguments.js"),
    script!("client/attempt.js"),
    script!("client/calls.js"),
    script!("client/clone.js"),
    script!("client/discovery.js"),
    script!("client/errors.js"),
    script!("client/event-stream.js"),
    script!("client/frames.js"),
    script!("client/inherited.js"),
    script!("client/live.js"),
    script!("client/pulse.js"),
    script!("client/sign-in.js"),
    script!("client/states.js"),
    script!("client/streams.js"),
    script!("client/transports.js"),
    script!("client/trust.js"),
    script!("client/websocket.js"),
    script!("static.js"),
];

/// The script that a page imports from its own folder, with its declarations. It imports [`FILES`] from [`BESIDE_VIEWS`] there.
const VIEW_CLIENT: &[EmbeddedFile] = &[
    script!("__client.js"),
    EmbeddedFile::new("__client.d.ts", DECLARATIONS),
];

/// The TypeScript declarations of the client, which are the same wherever it is imported from.
const DECLARATIONS: &[u8] = include_bytes!("client.d.ts");

/// The folder of the scripts in the folder of a page.
const BESIDE_VIEWS: &str = "__client/";

/// Returns the list that has the script at `path` in the folder of a page, and its path in that list.
pub(crate) fn beside_view(path: &str) -> (&'static [EmbeddedFile], &str) {
    match path.strip_prefix(BESIDE_VIEWS) {
        Some(path) => (FILES, path),
        None => (VIEW_CLIENT, path),
    }
}

/// Returns `true` if `path` is that of a script in the folder of a page.
pub(crate) fn is_beside_view(path: &str) -> bool {
    let (files, path) = beside_view(path);
    files.iter().any(|file| file.path == path)
}

/// Returns the path and the content of each script in the folder of a page.
pub(crate) fn files_beside_view() -> impl Iterator<Item = (String, &'static [u8])> {
    let scripts = FILES
        .iter()
        .map(|file| (format!("{BESIDE_VIEWS}{}", file.path), file.content));
    let client = VIEW_CLIENT
        .iter()
        .map(|file| (file.path.to_owned(), file.content));
    client.chain(scripts)
}

//! The files of the page.

use crate::host::{DevToolsContext, EmbeddedFile};

/// The folder of the page in a mount.
pub(crate) const FOLDER: &str = "__inspector/";

/// The file in the folder that describes a program to the page in a static dump.
pub(crate) const DESCRIPTION: &str = "inspector.json";

/// Embeds a file under the path by which the others import it.
macro_rules! file {
    ($path:literal) => {
        EmbeddedFile::new($path, include_bytes!(concat!("page/", $path)))
    };
}

/// The files of the page. Its modules import the scripts of the mount, which is the folder above.
pub(crate) const FILES: &[EmbeddedFile] = &[
    file!("index.html"),
    file!("inspector.css"),
    file!("main.js"),
    file!("dom.js"),
    file!("format.js"),
    file!("tree.js"),
    file!("source.js"),
    file!("lists.js"),
    file!("functions.js"),
    file!("function-list.js"),
    file!("schema.js"),
    file!("schema-form.js"),
    file!("class-fields.js"),
    file!("tagged.js"),
    file!("run.js"),
    file!("static-build.js"),
    file!("traffic.js"),
    file!("traffic-log.js"),
    file!("traffic-detail.js"),
    file!("sessions.js"),
    file!("state.js"),
    file!("state-view.js"),
    file!("changes.js"),
    file!("channel-view.js"),
    file!("upload.js"),
    file!("stream-view.js"),
    file!("program.js"),
    file!("coverage.js"),
    file!("charts.js"),
];

/// Returns whether the context has an inspector.
pub(crate) fn is_shown(context: &DevToolsContext) -> bool {
    context.settings().traffic.is_some()
}

/// A path that leads to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PagePath<'a> {
    /// The folder without its last slash.
    Unslashed,
    /// A path in the folder. It is empty for the page itself.
    Inside(&'a str),
}

/// Returns where a path in the mount leads in the folder of the page. `None` if it leads elsewhere.
pub(crate) fn path_in_folder(in_mount: &str) -> Option<PagePath<'_>> {
    if FOLDER.strip_suffix('/') == Some(in_mount) {
        return Some(PagePath::Unslashed);
    }
    in_mount.strip_prefix(FOLDER).map(PagePath::Inside)
}

#[cfg(test)]
mod tests {
    use super::{PagePath, path_in_folder};

    #[test]
    fn only_the_folder_of_the_page_leads_there() {
        assert_eq!(path_in_folder("__inspector"), Some(PagePath::Unslashed));
        assert_eq!(path_in_folder("__inspector/"), Some(PagePath::Inside("")));
        assert_eq!(
            path_in_folder("__inspector/main.js"),
            Some(PagePath::Inside("main.js"))
        );
        assert_eq!(path_in_folder("__inspectors/main.js"), None);
        assert_eq!(path_in_folder("client.js"), None);
    }
}

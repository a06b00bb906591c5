//! The pages of a dump: the files of the views, and redirects to them.

use std::borrow::Cow;
#[cfg(feature = "static-files")]
use std::collections::BTreeSet;
#[cfg(feature = "static-files")]
use std::fs;
#[cfg(feature = "static-files")]
use std::path::Path;

use percent_encoding::percent_decode_str;

#[cfg(feature = "static-files")]
use crate::dump::failure::DumpError;
use crate::panel::escaped;

/// The depth of nested folders at which listing stops, because links may form a cycle.
#[cfg(feature = "static-files")]
const MAX_DEPTH: usize = 64;

/// Lists the files of a folder, as paths relative to it with slashes in them.
///
/// The files are opened later, beneath a handle of the folder. A link is followed if it leads to something inside of
/// the folder. Entries that are neither files nor folders are left out.
#[cfg(feature = "static-files")]
pub(super) fn files_of(folder: &Path) -> Result<BTreeSet<String>, DumpError> {
    let root = fs::canonicalize(folder).map_err(DumpError::reading(folder))?;
    let mut files = BTreeSet::new();
    let mut folders = vec![(root.clone(), String::new(), 0)];
    while let Some((path, prefix, depth)) = folders.pop() {
        for entry in fs::read_dir(&path).map_err(DumpError::reading(&path))? {
            let entry = entry.map_err(DumpError::reading(&path))?;
            let place = entry.path();
            let Ok(real) = fs::canonicalize(&place) else {
                tracing::warn!(path = %place.display(), "a broken link was left out of the dump");
                continue;
            };
            if !real.starts_with(&root) {
                tracing::warn!(path = %place.display(), "a link to outside of the view's folder was left out of the dump");
                continue;
            }
            let Ok(name) = entry.file_name().into_string() else {
                tracing::warn!(path = %place.display(), "a file whose name is not Unicode was left out of the dump");
                continue;
            };
            let name = format!("{prefix}{name}");
            if real.is_dir() {
                if depth < MAX_DEPTH && !path.starts_with(&real) {
                    folders.push((real, name + "/", depth + 1));
                }
            } else if real.is_file() {
                files.insert(name);
            }
        }
    }
    Ok(files)
}

/// Writes a page that redirects to the view at `base`, with query and fragment, wherever the dump is hosted.
pub(super) fn redirect(base: &str) -> String {
    let escaped = escaped(&format!(".{base}"));
    format!(
        "<!doctype html>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"refresh\" content=\"1; url={escaped}\">\n\
         <a href=\"{escaped}\">{escaped}</a>\n\
         <script>location.replace(document.querySelector('a').href + location.search + location.hash)</script>\n"
    )
}

/// Decodes the percent signs in the path of an address, as a file server does to find the file.
pub(super) fn decoded(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8();
    decoded.map_or_else(|_| path.to_owned(), Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::{decoded, redirect};

    #[test]
    fn an_escaped_base_is_the_folder_that_servers_look_for() {
        assert_eq!(decoded("/__a%20b/%C3%BC/"), "/__a b/ü/");
        for wrong in ["/100%/%zz/%", "/%+f/", "/%-1/", "/%2", "/%2/", "/% 2/"] {
            assert_eq!(decoded(wrong), wrong);
        }
        assert_eq!(decoded("/%ff/"), "/%ff/");
    }

    #[test]
    fn the_redirect_cannot_be_broken_out_of() {
        let page = redirect("/\"><script>alert(1)</script>/");
        assert_eq!(page.matches("<script>").count(), 1, "{page}");
        assert!(redirect("/__my-plugin/").contains("href=\"./__my-plugin/\""));
    }
}

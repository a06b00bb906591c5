//! The pages of a dump: those of the views, and the one that leads there.

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

/// How deep folders may be nested, which ends links that lead back to where they are.
#[cfg(feature = "static-files")]
const MAX_DEPTH: usize = 64;

/// The files of a folder, by paths that are relative to it and have slashes in them.
///
/// The list says what there is to be opened beneath a handle of the folder, and no more than that. A link is followed if it leads to something inside of the folder. Whatever is no file and no folder is left out.
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
                tracing::warn!(path = %place.display(), "a link that leads nowhere is not dumped");
                continue;
            };
            if !real.starts_with(&root) {
                tracing::warn!(path = %place.display(), "a link that leads out of the view is not dumped");
                continue;
            }
            let Ok(name) = entry.file_name().into_string() else {
                tracing::warn!(path = %place.display(), "a file whose name is not Unicode is not dumped");
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

/// A page that leads to the view at `base`, with query and fragment, wherever the dump is hosted.
pub(super) fn redirect(base: &str) -> String {
    let address = format!(".{base}");
    let mut escaped = String::with_capacity(address.len());
    for letter in address.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    format!(
        "<!doctype html>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"refresh\" content=\"1; url={escaped}\">\n\
         <a href=\"{escaped}\">{escaped}</a>\n\
         <script>location.replace(document.querySelector('a').href + location.search + location.hash)</script>\n"
    )
}

/// Returns the path that a file server looks for when it is asked for this path of an address: without percent escapes. A path that
/// is not UTF-8 without them stays as it is.
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

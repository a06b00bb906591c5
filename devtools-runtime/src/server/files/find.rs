//! The rules that find the file for a path.

use std::io;

use crate::server::files::tree::{Tree, TreeNode};

/// The page of a folder.
const INDEX: &str = "index.html";

/// The extensions of pages, which a path may leave out.
const PAGES: [&str; 2] = [".html", ".htm"];

/// The target of a path.
pub(super) enum PathTarget<F> {
    /// A file, and its path in the tree.
    File(String, F),
    /// A folder with a page, requested without its last slash. The page's relative addresses need the slash.
    FolderWithoutSlash,
}

/// Finds the file for a path, as the hosting of the JavaScript server does.
///
/// The first that exists is used: the file itself, the `index.html` of the folder, the page `path.html`, or the
/// `index.html` of the whole tree. The last one is for client-side routes, so it is used only if the path does not end like
/// a file name.
///
/// # Errors
///
/// [`NotFound`](io::ErrorKind::NotFound) if there is no such file, and the errors of the tree.
pub(super) fn find<T: Tree + ?Sized>(tree: &T, path: &str) -> io::Result<PathTarget<T::File>> {
    let name = path.strip_suffix('/').unwrap_or(path);
    if !is_plain(name) {
        return Err(io::ErrorKind::NotFound.into());
    }
    match there(tree.get(name))? {
        Some(TreeNode::File(file)) => return Ok(PathTarget::File(name.to_owned(), file)),
        Some(TreeNode::Folder) => {
            let index = match name {
                "" => INDEX.to_owned(),
                _ => format!("{name}/{INDEX}"),
            };
            if let Some(file) = file(tree, &index)? {
                let has_slash = path.is_empty() || path.ends_with('/');
                return Ok(if has_slash {
                    PathTarget::File(index, file)
                } else {
                    PathTarget::FolderWithoutSlash
                });
            }
        }
        // The path exists but leads out of the folder, so no other page is tried.
        #[cfg(feature = "static-files")]
        Some(TreeNode::Outside) => return Err(io::ErrorKind::NotFound.into()),
        None => {}
    }
    if !name.is_empty() && !has_extension(name) {
        for page in PAGES {
            let page = format!("{name}{page}");
            if let Some(file) = file(tree, &page)? {
                return Ok(PathTarget::File(page, file));
            }
        }
    }
    if !looks_like_a_file(name) {
        if let Some(file) = file(tree, INDEX)? {
            return Ok(PathTarget::File(INDEX.to_owned(), file));
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

fn file<T: Tree + ?Sized>(tree: &T, path: &str) -> io::Result<Option<T::File>> {
    Ok(match there(tree.get(path))? {
        Some(TreeNode::File(file)) => Some(file),
        _ => None,
    })
}

/// Turns the error `NotFound` into `None`.
fn there<F>(got: io::Result<TreeNode<F>>) -> io::Result<Option<TreeNode<F>>> {
    match got {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        got => got.map(Some),
    }
}

/// Returns whether a path stays within the tree on every operating system.
fn is_plain(path: &str) -> bool {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    let is_foreign = |letter| letter == '\0' || cfg!(windows) && matches!(letter, '\\' | ':');
    (path.is_empty() || path.split('/').all(is_plain)) && !path.contains(is_foreign)
}

/// Returns whether the last part of a path has an extension. A name that begins with its only dot has none.
fn has_extension(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rfind('.').is_some_and(|dot| dot > 0)
}

/// Returns whether a path ends like a file name: with a dot followed by letters and digits.
fn looks_like_a_file(path: &str) -> bool {
    let is_word = |end: &str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_alphanumeric());
    path.rsplit_once('.').is_some_and(|(_, end)| is_word(end))
}

#[cfg(test)]
mod tests {
    use super::{has_extension, is_plain, looks_like_a_file};

    #[test]
    fn a_route_is_told_from_a_file() {
        for file in ["favicon.ico", "a/b.JS", ".env", "v1.2"] {
            assert!(looks_like_a_file(file), "{file}");
        }
        for route in ["", "users/ada", "v1.2/changes", "a.b-c", "a."] {
            assert!(!looks_like_a_file(route), "{route}");
        }
        assert!(has_extension("a/b.c") && has_extension("a."));
        assert!(!has_extension("a.b/c") && !has_extension(".env"));
    }

    #[test]
    fn no_path_leads_up() {
        for path in ["..", "a/../b", "a//b", "/a", ".", "a/.", "a\0b"] {
            assert!(!is_plain(path), "{path}");
        }
        assert!(is_plain("") && is_plain("a/..b/c..") && is_plain(".well-known/x"));
    }
}

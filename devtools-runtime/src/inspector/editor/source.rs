//! Finds a source file of the program.

use std::path::{Path, PathBuf};

/// Returns the path of a source file. The compiler was given relative paths, which start from the root of a
/// workspace. Returns `None` if no root has the file.
pub(super) fn find(file: &str, roots: &[&Path]) -> Option<PathBuf> {
    let path = Path::new(file);
    if path.is_absolute() {
        return path.is_file().then(|| path.to_owned());
    }
    let candidates = roots
        .iter()
        .flat_map(|root| root.ancestors())
        .map(|folder| folder.join(path));
    candidates.into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::find;

    #[test]
    fn a_file_is_found_from_a_folder_below_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let deep = root.join("target/debug");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        let file = root.join("src/lib.rs");
        std::fs::write(&file, "").unwrap();
        let relative = Path::new("src").join("lib.rs");
        assert_eq!(
            find(relative.to_str().unwrap(), &[&deep]),
            Some(file.clone())
        );
        assert_eq!(find(file.to_str().unwrap(), &[]), Some(file));
        assert_eq!(find("src", &[root]), None, "a folder");
        assert_eq!(find("src/missing.rs", &[root]), None);
    }
}

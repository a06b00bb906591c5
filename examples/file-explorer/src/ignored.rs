//! Whether git ignores a single file, there or not, as the walk over all files finds it out.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The files with rules about the folder around them, the ones that count most first.
const RULES: [&str; 3] = [".ignore", ".gitignore", ".git/info/exclude"];

/// Returns whether a file below `root` is left out: it, or one of the folders that lead to it. `path` has slashes in it.
pub(crate) fn is_ignored(root: &Path, path: &str) -> bool {
    let mut so_far = root.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        so_far.push(part);
        let is_folder = parts.peek().is_some();
        if is_left_out(&so_far, is_folder) {
            return true;
        }
    }
    false
}

/// Returns whether a rule is about this path, and leaves it out.
fn is_left_out(path: &Path, is_folder: bool) -> bool {
    for rules in RULES {
        for folder in path.ancestors().skip(1) {
            let file = folder.join(rules);
            if file.is_file() {
                // The rules are about the folder, also where the file lies deeper. Those that make no sense do not count.
                let mut builder = GitignoreBuilder::new(folder);
                builder.add(&file);
                let decision = builder
                    .build()
                    .ok()
                    .and_then(|rules| decision(&rules, path, is_folder));
                if let Some(is_left_out) = decision {
                    return is_left_out;
                }
            }
        }
    }
    let (of_the_user, _) = Gitignore::global();
    decision(&of_the_user, path, is_folder).unwrap_or(false)
}

/// Returns whether the rules leave a path out. `None` if none is about it.
fn decision(rules: &Gitignore, path: &Path, is_folder: bool) -> Option<bool> {
    match rules.matched(path, is_folder) {
        Match::None => None,
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
    }
}

//! Checks whether git ignores a single file, which need not exist, with the same result as a walk over all files.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The rule files of the folders around it, in order of precedence.
const RULES: [&str; 3] = [".ignore", ".gitignore", ".git/info/exclude"];

/// Returns `true` if a file of this name has rules of which files are ignored.
pub(crate) fn has_rules(name: &str) -> bool {
    RULES.iter().any(|rules| rules.eq_ignore_ascii_case(name))
}

/// Returns `true` if a file below `root` is ignored, or one of the folders around it. `path` has slashes in it.
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

/// Returns `true` if a rule matches this path and ignores it.
fn is_left_out(path: &Path, is_folder: bool) -> bool {
    for rules in RULES {
        for folder in path.ancestors().skip(1) {
            let file = folder.join(rules);
            if file.is_file() {
                // Rules apply to the folder and to everything below it. Invalid rules are skipped.
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

/// Returns whether the rules ignore a path. `None` if no rule matches.
fn decision(rules: &Gitignore, path: &Path, is_folder: bool) -> Option<bool> {
    match rules.matched(path, is_folder) {
        Match::None => None,
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
    }
}

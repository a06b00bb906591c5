//! Whether git would ignore a file that does not exist yet.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::Gitignore;

/// The files with rules, the one that counts most first.
const RULES: [&str; 3] = [".ignore", ".gitignore", ".git/info/exclude"];

/// Whether a rule of the folders around a file, or of the user, is to leave it out. Whether one of these folders is left
/// out as a whole is another question.
pub(crate) fn is_ignored(file: &Path) -> bool {
    for folder in file.ancestors().skip(1) {
        for rules in RULES {
            let path = folder.join(rules);
            if !path.is_file() {
                continue;
            }
            let matched = if rules == RULES[2] {
                // Its rules are about the folder around `.git`.
                let mut builder = ignore::gitignore::GitignoreBuilder::new(folder);
                builder.add(&path);
                match builder.build() {
                    Ok(rules) => decision(&rules, file),
                    Err(_) => None,
                }
            } else {
                let (rules, _) = Gitignore::new(&path);
                decision(&rules, file)
            };
            if let Some(is_ignored) = matched {
                return is_ignored;
            }
        }
    }
    let (of_the_user, _) = Gitignore::global();
    decision(&of_the_user, file).unwrap_or(false)
}

/// Returns whether the rules leave a file out. `None` if none is about it.
fn decision(rules: &Gitignore, file: &Path) -> Option<bool> {
    match rules.matched(file, false) {
        Match::None => None,
        Match::Ignore(_) => Some(true),
        Match::Whitelist(_) => Some(false),
    }
}

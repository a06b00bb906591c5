//! Compares two texts line by line.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use similar::{Algorithm, ChangeTag, capture_diff_slices_deadline, group_diff_ops};

/// The number of equal lines that are shown before and after each difference.
const CONTEXT: usize = 2;

/// The time after which the search for the shortest difference stops. A longer one is then shown.
const MOST_TIME: Duration = Duration::from_secs(1);

/// Writes the differing lines with `-` and `+` before them, and a few lines around. Empty if the texts differ in line
/// endings only.
pub(super) fn diff(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let deadline = Some(Instant::now() + MOST_TIME);
    let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline);
    let mut text = String::new();
    for hunk in group_diff_ops(operations, CONTEXT) {
        if !text.is_empty() {
            text.push_str("  …\n");
        }
        let changes = hunk
            .iter()
            .flat_map(|operation| operation.iter_changes(&old, &new));
        for change in changes {
            let mark = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{mark} {}", change.value());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn shows_what_differs_and_a_little_around() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\nten\n";
        let expected = "  3\n  4\n- 5\n+ five\n  6\n  7\n  8\n  9\n+ ten\n";
        assert_eq!(diff(old, new), expected);
        assert_eq!(diff(old, old), "");
        assert_eq!(diff("a\r\nb", "a\nb\n"), "");
        assert_eq!(diff("", "a\n"), "+ a\n");
        let (old, new) = ("a\n2\n3\n4\n5\n6\na\n", "b\n2\n3\n4\n5\n6\nb\n");
        let expected = "- a\n+ b\n  2\n  3\n  …\n  5\n  6\n- a\n+ b\n";
        assert_eq!(diff(old, new), expected);
    }
}

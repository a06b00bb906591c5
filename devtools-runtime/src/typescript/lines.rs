//! Compares two texts line by line.

use std::fmt::Write as _;

/// The number of unchanged lines shown around a difference.
const AROUND: usize = 2;

/// The number of pairs of lines above which the common part is not searched. Everything between the first and the
/// last difference is then shown as changed.
const MOST_PAIRS: usize = 16_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// Writes the differing lines with `-` and `+` before them, and a few lines around. Empty if the texts differ in line
/// endings only.
pub(super) fn diff(old: &str, new: &str) -> String {
    let lines = aligned(
        &old.lines().collect::<Vec<_>>(),
        &new.lines().collect::<Vec<_>>(),
    );
    let differs: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !matches!(line, Line::Same(_)))
        .map(|(position, _)| position)
        .collect();
    let mut text = String::new();
    let mut shown_to = 0;
    for position in differs {
        let from = position.saturating_sub(AROUND).max(shown_to);
        if from > shown_to && !text.is_empty() {
            text.push_str("  …\n");
        }
        let to = (position + AROUND + 1).min(lines.len());
        for line in lines.get(from..to).unwrap_or_default() {
            let (mark, line) = match line {
                Line::Same(line) => (' ', line),
                Line::Old(line) => ('-', line),
                Line::New(line) => ('+', line),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{mark} {line}");
        }
        shown_to = shown_to.max(to);
    }
    text
}

fn aligned<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let first = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
    let last = pairs.take_while(|(a, b)| a == b).count();
    let (old_middle, same) = old_rest.split_at(old_rest.len() - last);
    let new_middle = &new_rest[..new_rest.len() - last];

    let mut lines: Vec<Line<'a>> = old[..first].iter().map(|line| Line::Same(line)).collect();
    if old_middle.len().saturating_mul(new_middle.len()) <= MOST_PAIRS {
        align_middle(old_middle, new_middle, &mut lines);
    } else {
        lines.extend(old_middle.iter().map(|line| Line::Old(line)));
        lines.extend(new_middle.iter().map(|line| Line::New(line)));
    }
    lines.extend(same.iter().map(|line| Line::Same(line)));
    lines
}

/// Finds the longest common subsequence by dynamic programming.
fn align_middle<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            i += 1;
            j += 1;
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            lines.push(Line::Old(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines.extend(old[i..].iter().map(|line| Line::Old(line)));
    lines.extend(new[j..].iter().map(|line| Line::New(line)));
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
    }
}

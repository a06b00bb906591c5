//! Suggests similar names for a misspelled one.

/// The number of names that are suggested.
const MAX_SHOWN: usize = 3;

/// Returns the most similar names, best first. `name` may have no scope.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let asked_without_scope = !name.contains(':');
    // One letter in three may be wrong.
    let local = name.split_once(':').map_or(name, |(_, local)| local);
    let limit = (local.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = names
        .filter_map(|known| {
            let local = known.split_once(':').map_or(known, |(_, local)| local);
            let seen = if asked_without_scope { local } else { known };
            Some((distance(name, seen), known)).filter(|(distance, _)| *distance <= limit)
        })
        .collect();
    near.sort_unstable();
    // Names that are one step worse may be meant too. Others are left out.
    let best = near.first().map_or(0, |(distance, _)| *distance);
    near.retain(|(distance, _)| *distance <= best + 1);
    near.truncate(MAX_SHOWN);
    near.into_iter().map(|(_, name)| name).collect()
}

/// Returns the Levenshtein distance: the number of letters to change, add or remove.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn a_letter_is_a_step() {
        for (left, right, steps) in [
            ("", "", 0),
            ("", "abc", 3),
            ("read", "raed", 2),
            ("get-module", "get-modules", 1),
            ("é", "e", 1),
        ] {
            assert_eq!(distance(left, right), steps, "{left} {right}");
            assert_eq!(distance(right, left), steps, "{right} {left}");
        }
    }

    #[test]
    fn only_what_is_near_is_named_and_a_scope_may_be_missing() {
        let names = ["a:get-module", "a:get-modules", "b:get-module", "b:other"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(
            near("a:get-modul"),
            ["a:get-module", "a:get-modules", "b:get-module"]
        );
        assert_eq!(
            near("get-modules"),
            ["a:get-modules", "a:get-module", "b:get-module"]
        );
        assert!(near("b:something-else").is_empty());
    }
}

//! Merges repeated keys as a JavaScript object does.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
};

/// The number of keys up to which they are compared pairwise. Beyond it a hash set is faster.
const FEW: usize = 16;

/// Keeps one entry for each key: at the position of the first, with the value of the last.
///
/// JavaScript's objects and maps treat repeated keys this way. Without repeated keys, the usual case, nothing is
/// moved.
pub(crate) fn keep_last<K: Hash + Eq, V>(entries: Vec<(K, V)>) -> Vec<(K, V)> {
    if all_distinct(&entries) {
        return entries;
    }
    let mut values = Vec::with_capacity(entries.len());
    let mut places = HashMap::with_capacity(entries.len());
    for (key, value) in entries {
        let place = *places.entry(key).or_insert(values.len());
        if place < values.len() {
            values[place] = value;
        } else {
            values.push(value);
        }
    }
    let mut keys: Vec<_> = places.into_iter().collect();
    keys.sort_unstable_by_key(|(_, place)| *place);
    keys.into_iter().map(|(key, _)| key).zip(values).collect()
}

fn all_distinct<K: Hash + Eq, V>(entries: &[(K, V)]) -> bool {
    if entries.len() <= FEW {
        let mut rest = entries;
        while let [(key, _), others @ ..] = rest {
            if others.iter().any(|(other, _)| other == key) {
                return false;
            }
            rest = others;
        }
        return true;
    }
    let mut seen = HashSet::with_capacity(entries.len());
    entries.iter().all(|(key, _)| seen.insert(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_takes_the_first_place() {
        let entries = vec![("a", 1), ("b", 2), ("a", 3), ("c", 4), ("b", 5)];
        assert_eq!(keep_last(entries), [("a", 3), ("b", 5), ("c", 4)]);
    }

    #[test]
    fn many_keys_behave_like_few() {
        let entries: Vec<_> = (0..100)
            .chain([7, 3])
            .map(|key| (key, key + 1000))
            .collect();
        assert_eq!(keep_last(entries.clone()), entries[..100]);
        assert_eq!(keep_last(entries[..100].to_vec()), entries[..100]);
    }
}

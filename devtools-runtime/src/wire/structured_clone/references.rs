//! Finds the records that a record refers to.

use super::scan::{Cursor, JsonMembers};

/// Returns the indices in the record of a container. Empty for records of other values.
pub(super) fn references(record: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(mut parts) = JsonMembers::of_array(Cursor::new(record)) else {
        return found;
    };
    if !parts.advance() {
        return found;
    }
    // The tags of an array, an object, a map and a set.
    let is_container = matches!(parts.cursor.index(), Some(1 | 2 | 5 | 6));
    if is_container && parts.advance() {
        collect(parts.cursor, &mut found);
    }
    found
}

/// Collects the indices from an array of indices or of pairs.
fn collect(members: Cursor<'_>, found: &mut Vec<usize>) {
    let Some(mut members) = JsonMembers::of_array(members) else {
        return;
    };
    while members.advance() {
        if members.cursor.peek() == Some(b'[') {
            let Some(mut pair) = JsonMembers::of_array(Cursor::new(members.cursor.value())) else {
                continue;
            };
            while pair.advance() {
                match pair.cursor.index() {
                    Some(index) => found.push(index),
                    None => drop(pair.cursor.value()),
                }
            }
        } else if let Some(index) = members.cursor.index() {
            found.push(index);
        } else {
            members.cursor.value();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn containers_refer_to_records() {
        for (record, indices) in [
            ("[1,[1, 2,30]]", &[1, 2, 30][..]),
            ("[2,[[1,2],[3 , 4]]]", &[1, 2, 3, 4]),
            ("[5,[[1,2]]]", &[1, 2]),
            (" [ 6 , [ 7 ] ]", &[7]),
            ("[1,[]]", &[]),
            ("[0,5]", &[]),
            ("[0,\"[1,[9]]\"]", &[]),
            ("[\"Uint8Array\",[1,2]]", &[]),
            ("[7,{\"name\":\"Error\",\"message\":\"1\"}]", &[]),
            ("[1,[-1,\"x\",null,4]]", &[4]),
            ("[1,5]", &[]),
            ("[]", &[]),
            ("{}", &[]),
        ] {
            assert_eq!(references(record), indices, "{record}");
        }
    }
}

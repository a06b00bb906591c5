//! Numbers that come as a map, because the feature `arbitrary_precision` of `serde_json` is on in the program.

use serde::de::{Error, MapAccess};

use crate::wire::reserved::{NUMBER, PRIVATE};

/// Reads the text of the number that a map stands for. `None` if the map is empty.
pub(super) fn text_of_number<'de, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<String>, A::Error> {
    match map.next_key::<String>()? {
        Some(key) if key == NUMBER => map.next_value().map(Some),
        Some(key) => Err(A::Error::custom(format_args!(
            "expected a number, found a map with the key {key:?}"
        ))),
        None => Ok(None),
    }
}

/// Refuses a key that `serde_json` would take for one of its own.
pub(super) fn check_key<E: Error>(key: &str) -> Result<(), E> {
    if key.starts_with(PRIVATE) {
        return Err(E::custom(format_args!(
            "a key begins with `{PRIVATE}`, which is reserved"
        )));
    }
    Ok(())
}

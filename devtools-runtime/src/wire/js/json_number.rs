//! Reads numbers that come as a map because the program enables the feature `arbitrary_precision` of `serde_json`.

use serde::de::{Error, MapAccess};

use crate::wire::reserved::{NUMBER, PRIVATE};

/// Reads the text of a number that comes as a map. Returns `None` if the map is empty.
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

/// Refuses a key that is reserved by `serde_json`.
pub(super) fn check_key<E: Error>(key: &str) -> Result<(), E> {
    if key.starts_with(PRIVATE) {
        return Err(E::custom(format_args!(
            "a key begins with `{PRIVATE}`, which is reserved"
        )));
    }
    Ok(())
}

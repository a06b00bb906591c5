//! JavaScript's `undefined`.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

use super::marker;

/// JavaScript's `undefined`. `()` and `None` are `null` instead.
///
/// Reads `null` as well, because plain JSON has no `undefined`.
///
/// ```
/// use devtools_runtime::{js, rpc_function};
///
/// /// Returns `undefined`, for callers that check for it.
/// #[rpc_function(name = "docs-of-undefined:get-nothing", encoding = "structured-clone")]
/// fn get_undefined() -> js::Undefined {
///     js::Undefined
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Undefined;

impl Serialize for Undefined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit_struct(marker::UNDEFINED)
    }
}

impl<'de> Deserialize<'de> for Undefined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Unit;

        impl Visitor<'_> for Unit {
            type Value = Undefined;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("undefined")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Undefined, E> {
                Ok(Undefined)
            }
        }

        deserializer.deserialize_unit_struct(marker::UNDEFINED, Unit)
    }
}

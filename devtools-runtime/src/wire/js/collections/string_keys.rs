//! Checks whether a key serializes as a string.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

use crate::wire::refuse::refuse;

/// Returns `true` if `key` serializes as a string, so that it can be the key of a JSON object.
pub(super) fn is_string<K: Serialize + ?Sized>(key: &K) -> bool {
    key.serialize(Probe).is_ok()
}

/// A serializer that accepts strings and fails for everything else.
struct Probe;

#[derive(Debug, thiserror::Error)]
#[error("not a string")]
struct NotAString;

impl ser::Error for NotAString {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Serializer for Probe {
    type Ok = ();
    type Error = NotAString;
    refuse! {
        @types SerializeSeq, SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, SerializeMap,
        SerializeStruct, SerializeStructVariant
    }

    fn serialize_str(self, _: &str) -> Result<(), NotAString> {
        Ok(())
    }

    fn serialize_char(self, _: char) -> Result<(), NotAString> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &str, _: u32, _: &str) -> Result<(), NotAString> {
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotAString> {
        if name.starts_with(crate::wire::js::marker::PREFIX) {
            return Err(NotAString); // a marker type such as `Date` may be written as a string, but is not one
        }
        value.serialize(self)
    }

    refuse! { NotAString => numbers, number_like, option, bytes, unit, variants, containers }
}

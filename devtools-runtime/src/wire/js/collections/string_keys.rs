//! Checks whether a key serializes as a string.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible},
};

/// Returns `true` if `key` serializes as a string, so that it can be the key of a JSON object.
pub(super) fn is_string<K: Serialize + ?Sized>(key: &K) -> bool {
    key.serialize(Probe).is_ok()
}

/// A serializer that accepts strings and fails for everything else.
struct Probe;

#[derive(Debug)]
struct NotAString;

impl fmt::Display for NotAString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a string")
    }
}

impl std::error::Error for NotAString {}

impl ser::Error for NotAString {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$ok, NotAString> {
            Err(NotAString)
        }
    )*};
}

impl Serializer for Probe {
    type Ok = ();
    type Error = NotAString;
    type SerializeSeq = Impossible<(), NotAString>;
    type SerializeTuple = Impossible<(), NotAString>;
    type SerializeTupleStruct = Impossible<(), NotAString>;
    type SerializeTupleVariant = Impossible<(), NotAString>;
    type SerializeMap = Impossible<(), NotAString>;
    type SerializeStruct = Impossible<(), NotAString>;
    type SerializeStructVariant = Impossible<(), NotAString>;

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

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), NotAString> {
        Err(NotAString)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), NotAString> {
        Err(NotAString)
    }

    refuse! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_i128(i128) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_u128(u128) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_seq(Option<usize>) -> Impossible<(), NotAString>;
        serialize_tuple(usize) -> Impossible<(), NotAString>;
        serialize_tuple_struct(&'static str, usize) -> Impossible<(), NotAString>;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Impossible<(), NotAString>;
        serialize_map(Option<usize>) -> Impossible<(), NotAString>;
        serialize_struct(&'static str, usize) -> Impossible<(), NotAString>;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Impossible<(), NotAString>;
    }
}

//! A value with its JavaScript type, for [`js::Value`](crate::wire::js::Value).

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor},
};

use crate::wire::js::value::ValueKind;
use crate::wire::js::{TypedArrayKind, integer_beyond_floats};
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{Primitive, RecordForm};
use crate::wire::structured_clone::node::Node;

/// A node, presented as an enum of [`ValueKind`].
pub(super) struct Tagged<'d>(pub(super) Node<'d>);

impl<'d> EnumAccess<'d> for Tagged<'d> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'d>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        let kind = kind(self.0)? as u32;
        let kind = seed.deserialize(IntoDeserializer::<DecodeError>::into_deserializer(kind))?;
        Ok((kind, self))
    }
}

impl<'d> VariantAccess<'d> for Tagged<'d> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'d>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'d>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'d>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.0.deserialize_map(visitor)
    }
}

fn kind(node: Node<'_>) -> Result<ValueKind, Problem> {
    Ok(match node.form()? {
        RecordForm::Undefined => ValueKind::Undefined,
        RecordForm::Null => ValueKind::Null,
        RecordForm::Bool(_) => ValueKind::Bool,
        RecordForm::Number(text) => match integer_beyond_floats(text) {
            Some(_) => ValueKind::Integer,
            None => ValueKind::Number,
        },
        RecordForm::String(_) => ValueKind::String,
        RecordForm::BigInt(_) => ValueKind::BigInt,
        RecordForm::Array(..) => ValueKind::Array,
        RecordForm::Object(..) => ValueKind::Object,
        RecordForm::Map(_) => ValueKind::Map,
        RecordForm::Set(_) => ValueKind::Set,
        RecordForm::Date(_) => ValueKind::Date,
        RecordForm::RegExp(_) => ValueKind::RegExp,
        RecordForm::Error(_) => ValueKind::Error,
        RecordForm::Boxed(Primitive::Boolean, _) => ValueKind::BoxedBoolean,
        RecordForm::Boxed(Primitive::Number, _) => ValueKind::BoxedNumber,
        RecordForm::Boxed(Primitive::String, _) => ValueKind::BoxedString,
        RecordForm::Boxed(Primitive::BigInt, _) => ValueKind::BoxedBigInt,
        RecordForm::TypedArray(kind, _) => typed_array_kind(kind),
        RecordForm::ArrayBuffer(_) => ValueKind::ArrayBuffer,
        RecordForm::DataView(_) => ValueKind::DataView,
    })
}

fn typed_array_kind(kind: TypedArrayKind) -> ValueKind {
    match kind {
        TypedArrayKind::Int8 => ValueKind::Int8Array,
        TypedArrayKind::Uint8 => ValueKind::Uint8Array,
        TypedArrayKind::Uint8Clamped => ValueKind::Uint8ClampedArray,
        TypedArrayKind::Int16 => ValueKind::Int16Array,
        TypedArrayKind::Uint16 => ValueKind::Uint16Array,
        TypedArrayKind::Int32 => ValueKind::Int32Array,
        TypedArrayKind::Uint32 => ValueKind::Uint32Array,
        TypedArrayKind::Float16 => ValueKind::Float16Array,
        TypedArrayKind::Float32 => ValueKind::Float32Array,
        TypedArrayKind::Float64 => ValueKind::Float64Array,
        TypedArrayKind::BigInt64 => ValueKind::BigInt64Array,
        TypedArrayKind::BigUint64 => ValueKind::BigUint64Array,
    }
}

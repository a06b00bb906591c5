//! A value with its JavaScript type, for [`js::Value`](crate::wire::js::Value).

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor},
};

use crate::wire::js::value::Kind;
use crate::wire::js::{TypedArrayKind, integer_beyond_floats};
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::{Form, Primitive};
use crate::wire::structured_clone::node::Node;

/// A node, presented as an enum of [`Kind`].
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

fn kind(node: Node<'_>) -> Result<Kind, Problem> {
    Ok(match node.form()? {
        Form::Undefined => Kind::Undefined,
        Form::Null => Kind::Null,
        Form::Bool(_) => Kind::Bool,
        Form::Number(text) => match integer_beyond_floats(text) {
            Some(_) => Kind::Integer,
            None => Kind::Number,
        },
        Form::String(_) => Kind::String,
        Form::BigInt(_) => Kind::BigInt,
        Form::Array(..) => Kind::Array,
        Form::Object(..) => Kind::Object,
        Form::Map(_) => Kind::Map,
        Form::Set(_) => Kind::Set,
        Form::Date(_) => Kind::Date,
        Form::RegExp(_) => Kind::RegExp,
        Form::Error(_) => Kind::Error,
        Form::Boxed(Primitive::Boolean, _) => Kind::BoxedBoolean,
        Form::Boxed(Primitive::Number, _) => Kind::BoxedNumber,
        Form::Boxed(Primitive::String, _) => Kind::BoxedString,
        Form::Boxed(Primitive::BigInt, _) => Kind::BoxedBigInt,
        Form::TypedArray(kind, _) => typed_array_kind(kind),
        Form::ArrayBuffer(_) => Kind::ArrayBuffer,
        Form::DataView(_) => Kind::DataView,
    })
}

fn typed_array_kind(kind: TypedArrayKind) -> Kind {
    match kind {
        TypedArrayKind::Int8 => Kind::Int8Array,
        TypedArrayKind::Uint8 => Kind::Uint8Array,
        TypedArrayKind::Uint8Clamped => Kind::Uint8ClampedArray,
        TypedArrayKind::Int16 => Kind::Int16Array,
        TypedArrayKind::Uint16 => Kind::Uint16Array,
        TypedArrayKind::Int32 => Kind::Int32Array,
        TypedArrayKind::Uint32 => Kind::Uint32Array,
        TypedArrayKind::Float16 => Kind::Float16Array,
        TypedArrayKind::Float32 => Kind::Float32Array,
        TypedArrayKind::Float64 => Kind::Float64Array,
        TypedArrayKind::BigInt64 => Kind::BigInt64Array,
        TypedArrayKind::BigUint64 => Kind::BigUint64Array,
    }
}

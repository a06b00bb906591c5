//! Enums, in the form of `serde_json`: the name of a variant, or an object from the name to the content.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, VariantAccess, Visitor},
};

use crate::wire::structured_clone::decode::key::KeyDeserializer;
use crate::wire::structured_clone::error::{DecodeError, Problem};
use crate::wire::structured_clone::form::RecordForm;
use crate::wire::structured_clone::node::Node;

/// The variant of an enum.
pub(super) struct Variant<'d> {
    name: Cow<'d, str>,
    content: Option<Node<'d>>,
}

impl<'d> Variant<'d> {
    /// Reads the variant from a node.
    pub(super) fn of(node: Node<'d>) -> Result<Self, DecodeError> {
        const EXPECTED: &str = "a variant: a string, or an object with one property";
        match node.visit()? {
            RecordForm::String(text) => Ok(Self {
                name: text.content(),
                content: None,
            }),
            RecordForm::Object(members) => {
                let mut properties = node.properties(members)?.into_iter();
                let (Some((name, content)), None) = (properties.next(), properties.next()) else {
                    return Err(unexpected("an object with more or fewer", EXPECTED));
                };
                Ok(Self {
                    name,
                    content: Some(content),
                })
            }
            other => Err(unexpected(other.name(), EXPECTED)),
        }
    }

    /// Reads the content, which this kind of variant requires.
    fn content<T>(
        self,
        read: impl FnOnce(Node<'d>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let Some(content) = self.content else {
            return Err(unexpected("only its name", "a variant with content"));
        };
        read(content).map_err(|error| error.under_key(&self.name))
    }
}

fn unexpected(found: &'static str, expected: &'static str) -> DecodeError {
    Problem::Unexpected { found, expected }.into()
}

impl<'d> EnumAccess<'d> for Variant<'d> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'d>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        Ok((seed.deserialize(KeyDeserializer(&self.name))?, self))
    }
}

impl<'d> VariantAccess<'d> for Variant<'d> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        if self.content.is_none() {
            return Ok(());
        }
        self.content(Deserialize::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'d>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        self.content(|content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'d>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.content(|content| content.deserialize_seq(visitor))
    }

    fn struct_variant<V: Visitor<'d>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.content(|content| content.deserialize_map(visitor))
    }
}

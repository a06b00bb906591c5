//! JavaScript's typed arrays.

use serde::{Serialize, Serializer};

/// Declares [`TypedArray`] and its kinds from one list, so that their names always agree.
macro_rules! typed_arrays {
    ($($(#[$doc:meta])* $kind:ident($member:ty) = $name:literal,)*) => {
        /// A JavaScript typed array with its members.
        ///
        /// For bytes, [`Bytes`](super::Bytes) is easier to use. Plain JSON does not keep the kind, so an array of
        /// numbers in it reads as `Float64`.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum TypedArray {
            $($(#[$doc])* $kind(Vec<$member>),)*
        }

        /// The kind of a [`TypedArray`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum TypedArrayKind {
            $($kind,)*
        }

        impl TypedArrayKind {
            /// Returns the kind with this class name.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$kind),)*
                    _ => None,
                }
            }
        }

        impl TypedArray {
            /// Returns the name of the JavaScript class, such as `Float64Array`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)*
                }
            }

            /// Returns the number of members.
            pub fn len(&self) -> usize {
                match self {
                    $(Self::$kind(members) => members.len(),)*
                }
            }

            const fn marker(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => concat!("$js::", $name),)*
                }
            }
        }
    };
}

typed_arrays! {
    /// `Int8Array`
    Int8(i8) = "Int8Array",
    /// `Uint8Array`
    Uint8(u8) = "Uint8Array",
    /// `Uint8ClampedArray`
    Uint8Clamped(u8) = "Uint8ClampedArray",
    /// `Int16Array`
    Int16(i16) = "Int16Array",
    /// `Uint16Array`
    Uint16(u16) = "Uint16Array",
    /// `Int32Array`
    Int32(i32) = "Int32Array",
    /// `Uint32Array`
    Uint32(u32) = "Uint32Array",
    /// `Float16Array`, which older engines do not have: Node 20 cannot read it. Members are rounded when they are
    /// read, not when they are written.
    Float16(f32) = "Float16Array",
    /// `Float32Array`
    Float32(f32) = "Float32Array",
    /// `Float64Array`
    Float64(f64) = "Float64Array",
    /// `BigInt64Array`, which JavaScript reads but cannot write.
    BigInt64(i64) = "BigInt64Array",
    /// `BigUint64Array`, which JavaScript reads but cannot write.
    BigUint64(u64) = "BigUint64Array",
}

impl TypedArray {
    /// Returns `true` if there are no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Serialize for TypedArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.marker();
        match self {
            Self::Int8(members) => serializer.serialize_newtype_struct(name, members),
            Self::Uint8(members) | Self::Uint8Clamped(members) => {
                serializer.serialize_newtype_struct(name, members)
            }
            Self::Int16(members) => serializer.serialize_newtype_struct(name, members),
            Self::Uint16(members) => serializer.serialize_newtype_struct(name, members),
            Self::Int32(members) => serializer.serialize_newtype_struct(name, members),
            Self::Uint32(members) => serializer.serialize_newtype_struct(name, members),
            Self::Float16(members) | Self::Float32(members) => {
                let members = MappedSequence(|| members.iter().map(|member| f64::from(*member)));
                serializer.serialize_newtype_struct(name, &members)
            }
            Self::Float64(members) => serializer.serialize_newtype_struct(name, members),
            Self::BigInt64(members) => {
                let members = MappedSequence(|| members.iter().map(ToString::to_string));
                serializer.serialize_newtype_struct(name, &members)
            }
            Self::BigUint64(members) => {
                let members = MappedSequence(|| members.iter().map(ToString::to_string));
                serializer.serialize_newtype_struct(name, &members)
            }
        }
    }
}

/// A sequence whose members are converted while they are written.
struct MappedSequence<F>(F);

impl<F, I> Serialize for MappedSequence<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

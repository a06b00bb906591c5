//! Implements the methods of serializers that accept only some values.

/// Implements the named groups of `Serializer`'s methods by failing with one error. With `@types`, defines the listed
/// associated types as containers that are never written.
macro_rules! refuse {
    ($error:expr => $($group:ident),* $(,)?) => {
        $(refuse!(@$group $error);)*
    };
    (@types $($type:ident),* $(,)?) => {
        $(type $type = Impossible<Self::Ok, Self::Error>;)*
    };
    (@scalars $error:expr) => {
        refuse!(@numbers $error);
        refuse!(@methods $error;
            serialize_char(char), serialize_unit_variant(&'static str, u32, &'static str),
        );
    };
    (@numbers $error:expr) => {
        refuse!(@methods $error;
            serialize_bool(bool),
            serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
            serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64),
        );
    };
    (@number_like $error:expr) => {
        refuse!(@methods $error;
            serialize_i128(i128), serialize_u128(u128), serialize_f32(f32), serialize_f64(f64),
        );
    };
    (@str $error:expr) => {
        refuse!(@methods $error; serialize_str(&str),);
    };
    (@bytes $error:expr) => {
        refuse!(@methods $error; serialize_bytes(&[u8]),);
    };
    (@unit $error:expr) => {
        refuse!(@methods $error;
            serialize_none(), serialize_unit(), serialize_unit_struct(&'static str),
        );
    };
    (@option $error:expr) => {
        fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Self::Ok, Self::Error> {
            Err($error)
        }
    };
    (@newtype $error:expr) => {
        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            Err($error)
        }
    };
    (@variants $error:expr) => {
        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            Err($error)
        }

        fn serialize_tuple_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleVariant, Self::Error> {
            Err($error)
        }

        fn serialize_struct_variant(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStructVariant, Self::Error> {
            Err($error)
        }
    };
    (@structs $error:expr) => {
        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, Self::Error> {
            Err($error)
        }

        fn serialize_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeStruct, Self::Error> {
            Err($error)
        }
    };
    (@containers $error:expr) => {
        refuse!(@structs $error);

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Self::Error> {
            Err($error)
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Self::Error> {
            Err($error)
        }

        fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Self::Error> {
            Err($error)
        }
    };
    (@methods $error:expr; $($method:ident($($argument:ty),*),)*) => {
        $(
            fn $method(self, $(_: $argument),*) -> Result<Self::Ok, Self::Error> {
                Err($error)
            }
        )*
    };
}

pub(in crate::wire) use refuse;

//! The schemas of the types in this module.
//!
//! Each schema describes the JSON form of the type, and names the class that it has in structured clone.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::wire::js::big_int::BigInt;
use crate::wire::js::bytes::Bytes;
use crate::wire::js::collections::{Map, Set};
use crate::wire::js::date::Date;
use crate::wire::js::error::Error;
use crate::wire::js::reg_exp::RegExp;
use crate::wire::js::typed_array::TypedArray;
use crate::wire::js::undefined::Undefined;
use crate::wire::js::value::Value;

/// The keyword for the JavaScript class.
pub(crate) const CLASS: &str = "x-js-class";
/// The keyword for the types of the class's content.
pub(crate) const CLASS_OF: &str = "x-js-class-of";

/// Describes types without parameters: their Rust name, the JavaScript class, and the JSON form.
macro_rules! described {
    ($($type:ty: $name:literal, $class:literal, $plain:tt;)*) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn schema_id() -> Cow<'static, str> {
                Cow::Borrowed(concat!("devtools_runtime::js::", $name))
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut schema: Schema = json_schema!($plain);
                schema.insert(CLASS.to_owned(), $class.into());
                schema
            }
        }
    )*};
}

described! {
    Undefined: "Undefined", "undefined", { "type": "null" };
    Date: "Date", "Date", { "type": "string", "format": "date-time" };
    BigInt: "BigInt", "bigint", { "type": "string", "pattern": "^-?\\d+$" };
    Bytes: "Bytes", "Uint8Array", {
        "type": "array",
        "items": { "type": "integer", "minimum": 0, "maximum": 255 },
    };
    RegExp: "RegExp", "RegExp", {
        "type": "object",
        "properties": { "source": { "type": "string" }, "flags": { "type": "string" } },
        "required": ["source", "flags"],
    };
    Error: "Error", "Error", {
        "type": "object",
        "properties": { "name": { "type": "string" }, "message": { "type": "string" } },
        "required": ["name", "message"],
    };
    TypedArray: "TypedArray", "Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | \
        Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array", {
        "type": "array",
        "items": { "type": ["number", "string"] },
    };
}

impl JsonSchema for Value {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("AnyJsValue")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Map<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("JsMap_from_{}_to_{}", K::schema_name(), V::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("JsMap<{}, {}>", K::schema_id(), V::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let key = generator.subschema_for::<K>();
        let value = generator.subschema_for::<V>();
        // Whether a map is an object depends on its keys: it is one if all of them are strings.
        json_schema!({
            "anyOf": [
                { "type": "object", "additionalProperties": value },
                {
                    "type": "array",
                    "items": { "type": "array", "prefixItems": [key, value], "minItems": 2, "maxItems": 2 },
                },
            ],
            "x-js-class": "Map",
            "x-js-class-of": [key, value],
        })
    }
}

impl<T: JsonSchema> JsonSchema for Set<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("JsSet_of_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("JsSet<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let item = generator.subschema_for::<T>();
        json_schema!({
            "type": "array",
            "items": item,
            "uniqueItems": true,
            "x-js-class": "Set",
            "x-js-class-of": [item],
        })
    }
}

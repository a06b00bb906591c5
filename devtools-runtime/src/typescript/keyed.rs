//! A schema for maps whose keys are an enum, for use with schemars' derive.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

/// Describes a map from the unit variants of the enum `K` to `V`: `#[schemars(with = "KeyedBy<Kind, u32>")]` on a
/// field.
///
/// schemars describes such a map by the names of its keys only if no variant has a doc comment; otherwise any key is
/// allowed. This type always uses the names. It is a description only: the field keeps its own type.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use devtools_runtime::typescript::KeyedBy;
/// use schemars::JsonSchema;
///
/// #[derive(PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
/// enum Kind {
///     /// A module of the program.
///     Module,
///     /// Anything else.
///     Asset,
/// }
///
/// #[derive(JsonSchema)]
/// struct Sizes {
///     // `{ Module?: number; Asset?: number }` in TypeScript.
///     #[schemars(with = "KeyedBy<Kind, u32>")]
///     by_kind: BTreeMap<Kind, u32>,
/// }
/// ```
pub struct KeyedBy<K, V>(PhantomData<fn() -> (K, V)>);

impl<K: JsonSchema, V: JsonSchema> JsonSchema for KeyedBy<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<K, V>::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("KeyedBy<{}, {}>", K::schema_id(), V::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let keys = K::json_schema(generator);
        let mut names = Vec::new();
        if !texts(keys.as_value(), &mut names) || names.is_empty() {
            return BTreeMap::<K, V>::json_schema(generator);
        }
        let value = generator.subschema_for::<V>().to_value();
        let properties: Map<String, Value> = names
            .into_iter()
            .map(|name| (name.to_owned(), value.clone()))
            .collect();
        json_schema!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

crate::debug_impl! { <K, V> KeyedBy<K, V> => "KeyedBy" }

/// Collects the strings that a schema lists. Returns `false` if it describes anything else too.
fn texts<'s>(schema: &'s Value, names: &mut Vec<&'s str>) -> bool {
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(choices)) = schema.get(keyword) {
            return choices.iter().all(|choice| texts(choice, names));
        }
    }
    let listed = match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => std::slice::from_ref(value),
        (None, Some(Value::Array(values))) => values.as_slice(),
        _ => return false,
    };
    let before = names.len();
    names.extend(listed.iter().filter_map(Value::as_str));
    names.len() - before == listed.len()
}

//! The variants of an error type, for documents that describe it.

use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::function::rpc_error::data::FieldPosition;
use crate::function::types::DescribeType;

/// A variant of an error: its code, and the fields that its caller sees.
#[derive(Debug)]
pub struct ErrorVariant {
    /// The code, which is unique among the variants of a type.
    pub code: &'static str,
    /// The fields in order, each with its position in the data and its type. There are none for an internal variant.
    pub fields: &'static [(FieldPosition, Option<DescribeType>)],
}

impl ErrorVariant {
    /// Returns the schema of the data. `None` if the variant has no data.
    pub(crate) fn data(&self, generator: &mut SchemaGenerator) -> Option<Value> {
        let mut members = Map::new();
        let mut items = Vec::new();
        for (key, describe) in self.fields {
            let schema = describe.map_or(Value::Bool(true), |describe| describe(generator).into());
            match key {
                FieldPosition::Whole => return Some(schema),
                FieldPosition::Item(_) => items.push(schema),
                FieldPosition::Named(name) => drop(members.insert((*name).to_owned(), schema)),
            }
        }
        if !items.is_empty() {
            let length = items.len();
            return Some(json!({
                "type": "array", "prefixItems": items, "minItems": length, "maxItems": length,
            }));
        }
        let required: Vec<&String> = members.keys().collect();
        let schema = json!({ "type": "object", "required": required, "properties": members });
        (!self.fields.is_empty()).then_some(schema)
    }
}

//! Checks of a JSON Schema, which decide how its type is written.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::typescript::references::referred;
use crate::wire::Encoding;
use crate::wire::js::schema::CLASS;

/// The number of references that are followed, one into another, to collect the members of a choice.
const DEEPEST_CHOICE: usize = 8;

/// Returns `true` if a field that Rust may leave out can also be `null`. `None` is usually left out, but a field
/// whose default is `null` may be written.
pub(super) fn may_be_null(property: &Value) -> bool {
    property.get("default") == Some(&Value::Null)
}

/// Returns `true` for a map whose keys are an enum. A missing entry has no key, and an entry may be `null`.
pub(super) fn is_map(schema: &Map<String, Value>) -> bool {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return false;
    };
    let mut values = properties.values();
    let first = values.next();
    schema.get("additionalProperties") == Some(&Value::Bool(false))
        && !schema.contains_key("required")
        && values.all(|value| Some(value) == first)
}

/// Returns `true` if the schema adds no members to the object that it is merged into.
pub(super) fn adds_nothing(schema: &Map<String, Value>) -> bool {
    schema.is_empty() || schema.get("type").and_then(Value::as_str) == Some("null")
}

/// Returns the strings that a schema lists. Empty if it describes anything else.
pub(super) fn texts(schema: &Map<String, Value>) -> Vec<&str> {
    if schema.get("type").and_then(Value::as_str) != Some("string") {
        return Vec::new();
    }
    match (schema.get("const"), schema.get("enum")) {
        (Some(Value::String(text)), _) => vec![text],
        (None, Some(Value::Array(values))) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Collects the names of the members that a schema may add to an object.
pub(super) fn member_names<'s>(
    schema: &'s Value,
    definitions: &'s Map<String, Value>,
    depth: usize,
    names: &mut BTreeSet<&'s str>,
) {
    let Some(schema) = schema.as_object().filter(|_| depth < DEEPEST_CHOICE) else {
        return;
    };
    if let Some(Value::Object(properties)) = schema.get("properties") {
        names.extend(properties.keys().map(String::as_str));
    }
    names.extend(texts(schema));
    let referred = schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(referred);
    if let Some(schema) = referred.and_then(|id| definitions.get(&id)) {
        member_names(schema, definitions, depth + 1, names);
    }
    for keyword in ["oneOf", "anyOf", "allOf"] {
        if let Some(Value::Array(parts)) = schema.get(keyword) {
            for part in parts {
                member_names(part, definitions, depth + 1, names);
            }
        }
    }
}

/// Returns `true` if structured clone carries the value as the instance of a class.
pub(super) fn is_of_class(schema: &Map<String, Value>, encoding: Encoding) -> bool {
    encoding == Encoding::StructuredClone && schema.contains_key(CLASS)
}

pub(super) fn is_everything(schema: &Value) -> bool {
    match schema {
        Value::Bool(everything) => *everything,
        Value::Object(schema) => schema.is_empty(),
        _ => false,
    }
}

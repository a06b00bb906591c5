//! The references of schemas to named types.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Rewrites references to contain ids instead of names.
pub(super) fn refer_by_id(schema: &mut Value, ids: &BTreeMap<String, String>) {
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), &mut *member) {
                    ("$ref", Value::String(reference)) => {
                        if let Some(id) = referred(reference).and_then(|name| ids.get(&name)) {
                            let id = id.replace('~', "~0").replace('/', "~1").replace('%', "%25");
                            *reference = format!("#/$defs/{id}");
                        }
                    }
                    // These keywords contain values, not schemas.
                    ("const" | "enum" | "default" | "examples", _) => {}
                    _ => refer_by_id(member, ids),
                }
            }
        }
        Value::Array(members) => {
            for member in members {
                refer_by_id(member, ids);
            }
        }
        _ => {}
    }
}

/// Returns the name that a reference contains, without its escapes.
pub(crate) fn referred(reference: &str) -> Option<String> {
    let name = reference.strip_prefix('#')?.rsplit('/').next()?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

/// Returns the names of all types that a schema refers to.
pub(crate) fn references(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_references(schema, &mut found);
    found
}

fn collect_references(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("$ref", Value::String(reference)) => found.extend(referred(reference)),
                    // These keywords contain values, not schemas.
                    ("const" | "enum" | "default" | "examples", _) => {}
                    _ => collect_references(member, found),
                }
            }
        }
        Value::Array(members) => members
            .iter()
            .for_each(|member| collect_references(member, found)),
        _ => {}
    }
}

//! The JSON Schemas of tools.

use devtools_runtime::functions::Parameter;
use serde_json::{Map, Value, json};

/// The member of a schema that holds the types with names.
const DEFINITIONS: &str = "$defs";

/// The beginning of a reference to a type with a name.
const REFERENCE: &str = "#/$defs/";

/// The formats of Rust's numbers, which validators of agents do not know.
const RUST_FORMATS: [&str; 8] = [
    "int8", "int16", "uint", "uint8", "uint16", "uint32", "uint64", "uint128",
];

/// Returns the schema of an object with the arguments by name.
pub(crate) fn input_schema(parameters: &[Parameter], arguments: &[Value]) -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (parameter, schema) in parameters.iter().zip(arguments) {
        let schema = hoisted(schema.clone(), &mut definitions);
        properties.insert(parameter.name.to_owned(), schema);
        if !parameter.optional {
            required.push(Value::from(parameter.name));
        }
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    let takes_some = !properties.is_empty();
    schema.insert("properties".to_owned(), properties.into());
    if takes_some {
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    if !definitions.is_empty() {
        schema.insert(DEFINITIONS.to_owned(), definitions.into());
    }
    schema
}

/// Returns the schema of a result, if it is an object: the protocol has no other results with a schema.
pub(crate) fn output_schema(output: &Value) -> Option<Map<String, Value>> {
    let mut definitions = Map::new();
    let Value::Object(mut schema) = hoisted(output.clone(), &mut definitions) else {
        return None;
    };
    // The root says `type: object` itself, so a reference is replaced by the type.
    let named = schema.get("$ref").and_then(Value::as_str);
    if let Some(name) = named.and_then(|it| it.strip_prefix(REFERENCE)) {
        let Value::Object(definition) = definitions.get(name)?.clone() else {
            return None;
        };
        let refers_to_itself = Value::from(definitions.clone())
            .to_string()
            .contains(&Value::from(format!("{REFERENCE}{name}")).to_string());
        if !refers_to_itself {
            definitions.remove(name);
        }
        schema = definition;
    }
    if schema.get("type") != Some(&json!("object")) {
        return None;
    }
    if !definitions.is_empty() {
        schema.insert(DEFINITIONS.to_owned(), definitions.into());
    }
    Some(schema)
}

/// Moves the types with names out of a schema and into `definitions`. A type gets another name there if a different type has its name.
fn hoisted(mut schema: Value, definitions: &mut Map<String, Value>) -> Value {
    let own = match &mut schema {
        Value::Object(members) => members.remove(DEFINITIONS),
        Value::Bool(true) => return json!({}),
        _ => None,
    };
    let Some(Value::Object(own)) = own else {
        return for_agents(schema, &Map::new());
    };
    let mut renamed = Map::new();
    for name in own.keys() {
        let is_same = |taken: &str| {
            definitions
                .get(taken)
                .is_none_or(|it| Some(it) == own.get(name))
        };
        let mut free = name.clone();
        for number in 2.. {
            if is_same(&free) {
                break;
            }
            free = format!("{name}{number}");
        }
        if free != *name {
            renamed.insert(name.clone(), free.into());
        }
    }
    for (name, definition) in own {
        let free = renamed.get(&name).and_then(Value::as_str).unwrap_or(&name);
        let free = free.to_owned();
        definitions.insert(free, for_agents(definition, &renamed));
    }
    for_agents(schema, &renamed)
}

/// Follows renamed types, and removes formats that only Rust knows.
fn for_agents(schema: Value, renamed: &Map<String, Value>) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.into_iter().filter_map(|(key, member)| {
                let member = match (key.as_str(), member) {
                    ("format", Value::String(format))
                        if RUST_FORMATS.contains(&format.as_str()) =>
                    {
                        return None;
                    }
                    ("$ref", Value::String(reference)) => {
                        let name = reference.strip_prefix(REFERENCE);
                        let name = name.and_then(|name| renamed.get(name)?.as_str());
                        name.map_or(reference.clone(), |name| format!("{REFERENCE}{name}"))
                            .into()
                    }
                    ("const" | "enum" | "default" | "examples", member) => member,
                    (_, member) => for_agents(member, renamed),
                };
                Some((key, member))
            });
            members.collect()
        }
        Value::Array(members) => {
            let members = members.into_iter();
            members.map(|it| for_agents(it, renamed)).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use devtools_runtime::functions::Parameter;
    use serde_json::{Value, json};

    use super::{input_schema, output_schema};

    #[test]
    fn arguments_are_members_of_an_object() {
        let parameters = [Parameter::new("path", false), Parameter::new("lines", true)];
        let arguments = [
            json!({ "type": "string" }),
            json!({ "type": ["integer", "null"], "format": "uint32", "minimum": 0 }),
        ];
        assert_eq!(
            Value::from(input_schema(&parameters, &arguments)),
            json!({
                "type": "object",
                "properties": {
                    "path": { "type": "string" },
                    "lines": { "type": ["integer", "null"], "minimum": 0 },
                },
                "required": ["path"],
                "additionalProperties": false,
            })
        );
        assert_eq!(
            Value::from(input_schema(&[], &[])),
            json!({ "type": "object", "properties": {} })
        );
        let any = input_schema(&parameters[..1], &[json!(true)]);
        assert_eq!(any["properties"], json!({ "path": {} }));
    }

    #[test]
    fn types_of_one_name_get_two() {
        let parameters = [Parameter::new("a", false), Parameter::new("b", false)];
        let node = |kind: &str| {
            json!({
                "$ref": "#/$defs/Node",
                "$defs": { "Node": {
                    "type": kind,
                    "properties": { "next": { "$ref": "#/$defs/Node" } },
                    "default": { "$ref": "#/$defs/Node" },
                } },
            })
        };
        let schema = input_schema(&parameters, &[node("object"), node("array")]);
        assert_eq!(schema["properties"]["a"], json!({ "$ref": "#/$defs/Node" }));
        assert_eq!(
            schema["properties"]["b"],
            json!({ "$ref": "#/$defs/Node2" })
        );
        let second = &schema["$defs"]["Node2"];
        assert_eq!(second["type"], "array");
        assert_eq!(second["properties"]["next"]["$ref"], "#/$defs/Node2");
        assert_eq!(
            second["default"]["$ref"], "#/$defs/Node",
            "a value, and no schema"
        );
        let same = input_schema(&parameters, &[node("object"), node("object")]);
        assert_eq!(same["$defs"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn only_objects_are_described_results() {
        assert_eq!(output_schema(&json!({ "type": "string" })), None);
        assert_eq!(output_schema(&json!(true)), None);
        let tree = json!({
            "$ref": "#/$defs/Tree",
            "$defs": {
                "Tree": { "type": "object", "properties": { "leaf": { "$ref": "#/$defs/Leaf" } } },
                "Leaf": { "type": "null" },
            },
        });
        assert_eq!(
            output_schema(&tree).map(Value::from).unwrap(),
            json!({
                "type": "object",
                "properties": { "leaf": { "$ref": "#/$defs/Leaf" } },
                "$defs": { "Leaf": { "type": "null" } },
            })
        );
        let list = json!({
            "$ref": "#/$defs/List",
            "$defs": { "List": { "type": "object", "properties": { "next": { "$ref": "#/$defs/List" } } } },
        });
        let list = output_schema(&list).unwrap();
        assert!(list["$defs"].get("List").is_some(), "it refers to itself");
    }
}

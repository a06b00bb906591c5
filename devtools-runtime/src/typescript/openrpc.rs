//! The functions as an `OpenRPC` document, with the types that the declarations have.

use serde_json::{Map, Value, json};

use crate::function::{FunctionDefinition, FunctionKind, Side};
use crate::typescript::described::{DescribedFunction, referred};
use crate::typescript::error::TypesError;
use crate::typescript::named::{Named, required, ways};
use crate::typescript::names::Way;
use crate::typescript::options::TypeScriptOptions;
use crate::wire::Encoding;

/// The version of the specification.
const VERSION: &str = "1.3.2";

/// Where the named types are.
const AT: &str = "#/components/schemas/";

/// The document of these functions, indented.
pub(crate) fn openrpc(
    functions: impl IntoIterator<Item = FunctionDefinition>,
    options: &TypeScriptOptions,
) -> Result<String, TypesError> {
    let named = Named::new(functions, options)?;
    let methods: Vec<Value> = named
        .described
        .functions
        .iter()
        .map(|function| method(function, &named))
        .collect();
    let mut schemas = Map::new();
    for (name, rust_name, way) in named.names.declared() {
        if let Some(schema) = named.described.definitions(way.direction).get(rust_name) {
            schemas.insert(name.to_owned(), renamed(schema, &named, way, AT));
        }
    }
    let document = json!({
        "openrpc": VERSION,
        "info": { "title": named.prefix, "version": "0.0.0" },
        "methods": methods,
        "components": { "schemas": schemas },
    });
    Ok(format!("{document:#}\n"))
}

fn method(function: &DescribedFunction, named: &Named) -> Value {
    let definition = &function.definition;
    let (argument, result) = ways(definition);
    let required = required(definition);
    let parameters = definition.parameters().iter().zip(&function.arguments);
    let params: Vec<Value> = parameters
        .enumerate()
        .map(|(position, (parameter, schema))| {
            json!({
                "name": parameter.name,
                "required": position < required,
                "schema": renamed(schema, named, argument, AT),
            })
        })
        .collect();
    let mut method = Map::new();
    let mut say = |key: &str, value: Value| method.insert(key.to_owned(), value);
    say("name", definition.name().into());
    if let Some(title) = definition.title() {
        say("summary", title.into());
    }
    if !definition.description().is_empty() {
        say("description", definition.description().into());
    }
    say("paramStructure", "by-position".into());
    say("params", params.into());
    // Without a result it is a notification.
    if definition.kind() != FunctionKind::Event {
        let schema = renamed(&function.output, named, result, AT);
        say("result", json!({ "name": "result", "schema": schema }));
    }
    say("x-kind", definition.kind().to_string().into());
    if definition.side() == Side::Client {
        say("x-side", "client".into());
    }
    if definition.encoding() == Encoding::StructuredClone {
        say("x-encoding", "structured-clone".into());
    }
    Value::Object(method)
}

/// A schema whose references are to names `at` another place.
pub(super) fn renamed(schema: &Value, named: &Named, way: Way, at: &str) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| {
                let member = match (key.as_str(), member) {
                    ("$ref", Value::String(reference)) => match referred(reference) {
                        Some(name) => format!("{at}{}", named.names.of(&name, way)).into(),
                        None => member.clone(),
                    },
                    ("const" | "enum" | "default" | "examples", _) => member.clone(),
                    _ => renamed(member, named, way, at),
                };
                (key.clone(), member)
            })
            .collect(),
        Value::Array(members) => members
            .iter()
            .map(|member| renamed(member, named, way, at))
            .collect(),
        other => other.clone(),
    }
}

//! Writes `schema.lock`: functions, channels and shared states with their types, to compare later versions with.

use serde_json::{Map, Value, json};

use crate::function::Side;
use crate::typescript::error::TypesError;
use crate::typescript::named::{NamedSurface, READ, StateTypes, required, ways, written};
use crate::typescript::openrpc::renamed;
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::surface::Surface;

/// The version of the file format.
pub(super) const VERSION: u64 = 1;

/// The keywords that do not change the shape of a value.
const LEFT_OUT: [&str; 17] = [
    "default",
    "deprecated",
    "description",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "pattern",
    "readOnly",
    "title",
    "uniqueItems",
    "writeOnly",
    "not",
];

/// Writes the text of the file for a program.
pub(crate) fn lock(surface: &Surface, options: &TypeScriptOptions) -> Result<String, TypesError> {
    let named = NamedSurface::new(surface, options, StateTypes::WrittenAndRead)?;
    let shape = |schema: &Value, way| shape(&renamed(schema, &named, way, "#/types/"));
    let mut functions = Map::new();
    for function in &named.described.functions {
        let definition = &function.definition;
        let (argument, result) = ways(definition);
        let required = required(definition);
        let parameters = definition.parameters().iter().zip(&function.arguments);
        let parameters: Vec<Value> = parameters
            .enumerate()
            .map(|(position, (parameter, schema))| {
                json!({
                    "name": parameter.name,
                    "required": position < required,
                    "type": shape(schema, argument),
                })
            })
            .collect();
        let entry = json!({
            "kind": definition.kind().as_str(),
            "side": match definition.side() {
                Side::Server => "server",
                Side::Client => "client",
            },
            "encoding": definition.encoding(),
            "parameters": parameters,
            "result": shape(&function.output, result),
        });
        functions.insert(definition.name().to_owned(), entry);
    }
    let channels = named.described.channels.iter().map(|channel| {
        let entry = json!({
            "encoding": channel.encoding,
            "chunk": shape(&channel.written, written(channel)),
            "upload": shape(&channel.read, READ),
        });
        (channel.name.clone(), entry)
    });
    let channels: Map<String, Value> = channels.collect();
    let states = named.described.states.iter().map(|state| {
        let entry = json!({
            "value": shape(&state.written, written(state)),
            "accepted": shape(&state.read, READ),
        });
        (state.name.clone(), entry)
    });
    let states: Map<String, Value> = states.collect();
    let mut types = Map::new();
    for (name, id, way) in named.names.declared() {
        if let Some(schema) = named.described.definitions(way.direction).get(id) {
            types.insert(name.to_owned(), shape(schema, way));
        }
    }
    let document = json!({
        "version": VERSION,
        "functions": functions,
        "channels": channels,
        "sharedStates": states,
        "types": types,
    });
    Ok(format!("{document:#}\n"))
}

/// Removes the keywords that do not change the shape.
fn shape(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(key, _)| !LEFT_OUT.contains(&key.as_str()))
            .map(|(key, member)| {
                let member = match (key.as_str(), member) {
                    // The keys are names of members, not keywords.
                    ("properties" | "patternProperties", Value::Object(members)) => members
                        .iter()
                        .map(|(name, member)| (name.clone(), shape(member)))
                        .collect(),
                    ("const" | "enum", _) => member.clone(),
                    _ => shape(member),
                };
                (key.clone(), member)
            })
            .collect(),
        Value::Array(members) => members.iter().map(shape).collect(),
        other => other.clone(),
    }
}

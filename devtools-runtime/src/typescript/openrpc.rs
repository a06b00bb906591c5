//! Writes an `OpenRPC` document of the functions, with channels, shared states, and the types of the declarations.

use serde_json::{Map, Value, json};

use crate::function::{FunctionKind, Side};
use crate::streaming::ChannelDirection;
use crate::typescript::described::{DescribedError, DescribedFunction, DescribedValue};
use crate::typescript::error::TypesError;
use crate::typescript::named::{
    NamedSurface, READ, StateTypes, errors_way, required, ways, written,
};
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::references::referred;
use crate::typescript::surface::Surface;
use crate::typescript::way::Way;
use crate::wire::Encoding;

/// The version of the `OpenRPC` specification.
const VERSION: &str = "1.3.2";

/// The location of the named types.
const AT: &str = "#/components/schemas/";

/// Writes the document of a program, indented.
pub(crate) fn openrpc(
    surface: &Surface,
    options: &TypeScriptOptions,
) -> Result<String, TypesError> {
    let named = NamedSurface::new(surface, options, StateTypes::Written)?;
    let methods: Vec<Value> = named
        .described
        .functions
        .iter()
        .map(|function| method(function, &named))
        .collect();
    let mut schemas = Map::new();
    for (name, id, way) in named.names.declared() {
        if let Some(schema) = named.described.definitions(way.direction).get(id) {
            schemas.insert(name.to_owned(), renamed(schema, &named, way, AT));
        }
    }
    let (title, version) = match &surface.package {
        Some((name, version)) => (name.as_str(), version.as_str()),
        None => (named.prefix.as_str(), "0.0.0"),
    };
    let mut document = Map::new();
    let mut say = |key: &str, value: Value| document.insert(key.to_owned(), value);
    say("openrpc", VERSION.into());
    say("info", json!({ "title": title, "version": version }));
    say("methods", methods.into());
    say("components", json!({ "schemas": schemas }));
    // `OpenRPC` has no fields for channels and shared states.
    let channels: Vec<Value> = named
        .described
        .channels
        .iter()
        .map(|channel| value(channel, &named, "chunk", Some("upload")))
        .collect();
    let states: Vec<Value> = named
        .described
        .states
        .iter()
        .map(|state| value(state, &named, "value", None))
        .collect();
    for (key, values) in [("x-channels", channels), ("x-shared-states", states)] {
        if !values.is_empty() {
            say(key, values.into());
        }
    }
    Ok(format!("{:#}\n", Value::Object(document)))
}

/// Describes a channel or a shared state: the types that the server writes and reads.
fn value(
    of: &DescribedValue,
    named: &NamedSurface,
    written_key: &str,
    read_key: Option<&str>,
) -> Value {
    let mut value = Map::new();
    let mut say = |key: &str, member: Value| value.insert(key.to_owned(), member);
    say("name", of.name.as_str().into());
    if !of.description.is_empty() {
        say("description", of.description.into());
    }
    if of.deprecated.is_some() {
        say("deprecated", true.into());
    }
    if of.goes(ChannelDirection::Streams) {
        say(written_key, renamed(&of.written, named, written(of), AT));
    }
    if let Some(key) = read_key {
        if of.goes(ChannelDirection::Uploads) {
            say(key, renamed(&of.read, named, READ, AT));
        }
        if of.encoding == Encoding::StructuredClone {
            say("x-encoding", "structured-clone".into());
        }
    }
    Value::Object(value)
}

fn method(function: &DescribedFunction, named: &NamedSurface) -> Value {
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
    if definition.deprecated().is_some() {
        say("deprecated", true.into());
    }
    say("paramStructure", "by-position".into());
    say("params", params.into());
    // A method without a result is a notification.
    if definition.kind() != FunctionKind::Event {
        let schema = renamed(&function.output, named, result, AT);
        say("result", json!({ "name": "result", "schema": schema }));
    }
    let errors: Vec<Value> = function
        .errors
        .iter()
        .map(|error| self::error(error, definition.side(), named))
        .collect();
    if !errors.is_empty() {
        // The codes of `OpenRPC` are numbers.
        say("x-errors", errors.into());
    }
    say("x-kind", definition.kind().to_string().into());
    if definition.side() == Side::Client {
        say("x-side", "client".into());
    }
    if definition.encoding() == Encoding::StructuredClone {
        say("x-encoding", "structured-clone".into());
    }
    if let Some(role) = definition.role() {
        say("x-role", role.into());
    }
    Value::Object(method)
}

/// Describes an error of a function by its code and its data.
fn error(error: &DescribedError, side: Side, named: &NamedSurface) -> Value {
    let mut described = json!({ "code": error.code });
    if let Some(data) = &error.data {
        described["data"] = renamed(data, named, errors_way(side), AT);
    }
    described
}

/// Rewrites the references of a schema to names at the location `at`.
pub(super) fn renamed(schema: &Value, named: &NamedSurface, way: Way, at: &str) -> Value {
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

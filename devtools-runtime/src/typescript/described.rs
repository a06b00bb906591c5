//! What the types of a program's functions, channels and shared states say of themselves: asked once, for everything that is written of them.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::function::{DescribeType, FunctionDefinition, Side};
use crate::streaming::ChannelDirection;
use crate::typescript::surface::{Surface, TypedValue};
use crate::typescript::type_names::{ids, type_name};
use crate::wire::Encoding;

/// Which way a value goes. What serde reads is not always what it writes: a default may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// Rust writes it: a result of the server, an argument for a client.
    Written,
    /// Rust reads it: an argument for the server, a result of a client.
    Read,
}

impl Direction {
    /// That of the arguments of functions on this side.
    pub(crate) fn of_arguments(side: Side) -> Self {
        match side {
            Side::Server => Self::Read,
            Side::Client => Self::Written,
        }
    }

    /// That of the results of functions on this side.
    pub(crate) fn of_results(side: Side) -> Self {
        match side {
            Side::Server => Self::Written,
            Side::Client => Self::Read,
        }
    }
}

/// What a program has with its types, as JSON Schema.
#[derive(Debug)]
pub(crate) struct Described {
    /// Sorted by name.
    pub(crate) functions: Vec<DescribedFunction>,
    /// Sorted by name.
    pub(crate) channels: Vec<DescribedValue>,
    /// Sorted by name.
    pub(crate) states: Vec<DescribedValue>,
    /// By the ids of the types, to which all schemas refer.
    written: Map<String, Value>,
    read: Map<String, Value>,
    /// What the types are called, by their ids.
    names: BTreeMap<String, String>,
    /// The ids of those that the program has named.
    named: BTreeSet<String>,
}

/// A function with its types.
#[derive(Debug)]
pub(crate) struct DescribedFunction {
    pub(crate) definition: FunctionDefinition,
    /// One for each parameter; `true` for a type that does not say what it is.
    pub(crate) arguments: Vec<Value>,
    pub(crate) output: Value,
}

/// A channel or a shared state with the type of what goes over it.
#[derive(Debug)]
pub(crate) struct DescribedValue {
    pub(crate) name: String,
    pub(crate) description: &'static str,
    /// The codec that the server writes in; it reads structured clone.
    pub(crate) encoding: Encoding,
    /// What the server writes; `true` for a type that does not say what it is.
    pub(crate) written: Value,
    /// What it reads.
    pub(crate) read: Value,
    /// The note of a deprecation, if there is one.
    pub(crate) deprecated: Option<&'static str>,
    /// Which ways values go: that of a state goes both.
    pub(crate) direction: ChannelDirection,
}

impl DescribedValue {
    /// Whether values go this way.
    pub(crate) fn goes(&self, way: ChannelDirection) -> bool {
        self.direction == way || self.direction == ChannelDirection::Both
    }
}

/// What types are asked with, in both directions.
struct Generators {
    written: SchemaGenerator,
    read: SchemaGenerator,
}

impl Generators {
    /// Both hear of every type: what it is called does not depend on where it is used.
    fn ask(&mut self, describe: Option<DescribeType>) -> (Value, Value) {
        (
            described(&mut self.written, describe),
            described(&mut self.read, describe),
        )
    }

    fn in_direction(&mut self, describe: Option<DescribeType>, direction: Direction) -> Value {
        let (written, read) = self.ask(describe);
        match direction {
            Direction::Written => written,
            Direction::Read => read,
        }
    }

    fn value(&mut self, value: &TypedValue) -> DescribedValue {
        let (written, read) = self.ask(value.describe);
        DescribedValue {
            name: value.name.clone(),
            description: value.description,
            encoding: value.encoding,
            written,
            read,
            deprecated: value.deprecated,
            direction: value.direction,
        }
    }
}

impl Described {
    /// Asks the types of what is `wanted` by its name. The first function of a name counts.
    pub(crate) fn new(surface: &Surface, wanted: impl Fn(&str) -> bool) -> Self {
        let mut functions: Vec<FunctionDefinition> = surface
            .functions
            .iter()
            .filter(|function| wanted(function.name()))
            .cloned()
            .collect();
        functions.sort_by(|a, b| a.name().cmp(b.name()));
        functions.dedup_by(|later, first| later.name() == first.name());

        let settings = SchemaSettings::draft2020_12();
        let mut generators = Generators {
            written: settings.clone().for_serialize().into_generator(),
            read: settings.for_deserialize().into_generator(),
        };
        let mut functions: Vec<DescribedFunction> = functions
            .into_iter()
            .map(|definition| {
                let types = definition.types();
                let side = definition.side();
                let arguments = (0..definition.parameters().len())
                    .map(|position| {
                        let describe = types.arguments.get(position).copied().flatten();
                        generators.in_direction(describe, Direction::of_arguments(side))
                    })
                    .collect();
                let output = generators.in_direction(types.output, Direction::of_results(side));
                DescribedFunction {
                    definition,
                    arguments,
                    output,
                }
            })
            .collect();
        let mut values = |values: &[TypedValue]| -> Vec<DescribedValue> {
            let wanted = values.iter().filter(|value| wanted(&value.name));
            wanted.map(|value| generators.value(value)).collect()
        };
        let (mut channels, mut states) = (values(&surface.channels), values(&surface.states));

        let written = generators.written.take_definitions(false);
        let read = generators.read.take_definitions(false);
        let (written_ids, read_ids) = (ids(&generators.written), ids(&generators.read));
        for function in &mut functions {
            let side = function.definition.side();
            let of = |direction| match direction {
                Direction::Written => &written_ids,
                Direction::Read => &read_ids,
            };
            for argument in &mut function.arguments {
                refer_by_id(argument, of(Direction::of_arguments(side)));
            }
            refer_by_id(&mut function.output, of(Direction::of_results(side)));
        }
        for value in channels.iter_mut().chain(&mut states) {
            refer_by_id(&mut value.written, &written_ids);
            refer_by_id(&mut value.read, &read_ids);
        }
        let names = written_ids.iter().chain(&read_ids).map(|(given, id)| {
            let chosen = surface.type_names.get(id).cloned();
            (id.clone(), chosen.unwrap_or_else(|| type_name(id, given)))
        });
        Self {
            functions,
            channels,
            states,
            names: names.collect(),
            named: surface.type_names.keys().cloned().collect(),
            written: by_id(written, &written_ids),
            read: by_id(read, &read_ids),
        }
    }

    /// Whether the program has named a type.
    pub(crate) fn is_named(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    /// What a type is called, by its id.
    pub(crate) fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// The types that have names, in one direction.
    pub(crate) fn definitions(&self, direction: Direction) -> &Map<String, Value> {
        match direction {
            Direction::Written => &self.written,
            Direction::Read => &self.read,
        }
    }
}

/// The definitions by the ids of their types. Those without one keep their name.
fn by_id(definitions: Map<String, Value>, ids: &BTreeMap<String, String>) -> Map<String, Value> {
    definitions
        .into_iter()
        .map(|(name, mut schema)| {
            refer_by_id(&mut schema, ids);
            (ids.get(&name).cloned().unwrap_or(name), schema)
        })
        .collect()
}

/// Has references name ids.
fn refer_by_id(schema: &mut Value, ids: &BTreeMap<String, String>) {
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
                    // Values, whatever is in them.
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

fn described(generator: &mut SchemaGenerator, describe: Option<DescribeType>) -> Value {
    describe.map_or(Value::Bool(true), |describe| describe(generator).into())
}

/// The name that a schema refers to, as the definitions have it.
pub(crate) fn referred(reference: &str) -> Option<String> {
    let name = reference.strip_prefix('#')?.rsplit('/').next()?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

/// The names that a schema refers to.
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
                    // Values, whatever is in them.
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

//! What the functions of a program say of their types: asked once, for everything that is written of them.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::function::{DescribeType, FunctionDefinition, Side};

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

/// The functions with their types, as JSON Schema.
#[derive(Debug)]
pub(crate) struct Described {
    /// Sorted by name.
    pub(crate) functions: Vec<DescribedFunction>,
    written: Map<String, Value>,
    read: Map<String, Value>,
}

/// A function with its types.
#[derive(Debug)]
pub(crate) struct DescribedFunction {
    pub(crate) definition: FunctionDefinition,
    /// One for each parameter; `true` for a type that does not say what it is.
    pub(crate) arguments: Vec<Value>,
    pub(crate) output: Value,
}

impl Described {
    /// Asks the types of these functions, of which the first of a name counts.
    pub(crate) fn new(functions: impl IntoIterator<Item = FunctionDefinition>) -> Self {
        let mut functions: Vec<FunctionDefinition> = functions.into_iter().collect();
        functions.sort_by(|a, b| a.name().cmp(b.name()));
        functions.dedup_by(|later, first| later.name() == first.name());

        let settings = SchemaSettings::draft2020_12();
        let mut written = settings.clone().for_serialize().into_generator();
        let mut read = settings.for_deserialize().into_generator();
        let functions = functions
            .into_iter()
            .map(|definition| {
                let types = definition.types();
                // Both generators hear of every type, in one order, so that types of one name get the same numbers.
                let mut in_direction = |describe: Option<DescribeType>, direction| {
                    let (written, read) = (
                        described(&mut written, describe),
                        described(&mut read, describe),
                    );
                    match direction {
                        Direction::Written => written,
                        Direction::Read => read,
                    }
                };
                let side = definition.side();
                let arguments = (0..definition.parameters().len())
                    .map(|position| {
                        let describe = types.arguments.get(position).copied().flatten();
                        in_direction(describe, Direction::of_arguments(side))
                    })
                    .collect();
                let output = in_direction(types.output, Direction::of_results(side));
                DescribedFunction {
                    definition,
                    arguments,
                    output,
                }
            })
            .collect();
        Self {
            functions,
            written: written.take_definitions(false),
            read: read.take_definitions(false),
        }
    }

    /// The types that have names, in one direction.
    pub(crate) fn definitions(&self, direction: Direction) -> &Map<String, Value> {
        match direction {
            Direction::Written => &self.written,
            Direction::Read => &self.read,
        }
    }
}

fn described(generator: &mut SchemaGenerator, describe: Option<DescribeType>) -> Value {
    describe.map_or(Value::Bool(true), |describe| describe(generator).into())
}

/// The name that a schema refers to, as the definitions have it.
pub(crate) fn referred(reference: &str) -> Option<String> {
    let name = reference.strip_prefix('#')?.rsplit('/').next()?;
    let name = percent_decoded(name)?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
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

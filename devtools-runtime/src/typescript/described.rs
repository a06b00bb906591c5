//! The schemas of a program's functions, channels and shared states. They are generated once, for all documents.

use std::collections::{BTreeMap, BTreeSet};

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::function::{DescribeType, ErrorVariant, FunctionDefinition};
use crate::streaming::ChannelDirection;
use crate::typescript::direction::Direction;
use crate::typescript::foreign::ForeignTypes;
use crate::typescript::references::refer_by_id;
use crate::typescript::surface::{Surface, TypedValue};
use crate::typescript::type_names::{ids, type_name};
use crate::wire::Encoding;

/// The functions, channels and shared states of a program with their types as JSON Schema.
#[derive(Debug)]
pub(crate) struct Described {
    /// Sorted by name.
    pub(crate) functions: Vec<DescribedFunction>,
    /// Sorted by name.
    pub(crate) channels: Vec<DescribedValue>,
    /// Sorted by name.
    pub(crate) states: Vec<DescribedValue>,
    /// The named types that Rust writes, by the ids that all schemas refer to.
    written: Map<String, Value>,
    read: Map<String, Value>,
    /// The name of each type, by its id.
    names: BTreeMap<String, String>,
    /// The ids of the types that the program has named.
    named: BTreeSet<String>,
}

/// A function with its types.
#[derive(Debug)]
pub(crate) struct DescribedFunction {
    pub(crate) definition: FunctionDefinition,
    /// The schema of each parameter. `true` if the type has no description.
    pub(crate) arguments: Vec<Value>,
    pub(crate) output: Value,
    /// Its errors with a code.
    pub(crate) errors: Vec<DescribedError>,
}

/// An error of a function.
#[derive(Debug)]
pub(crate) struct DescribedError {
    pub(crate) code: &'static str,
    /// The schema of the data. `None` if there is no data.
    pub(crate) data: Option<Value>,
}

/// A channel or a shared state with the types of its values.
#[derive(Debug)]
pub(crate) struct DescribedValue {
    pub(crate) name: String,
    pub(crate) description: &'static str,
    /// The codec that the server writes with. It reads structured clone.
    pub(crate) encoding: Encoding,
    /// The schema of the values that the server writes. `true` if the type has no description.
    pub(crate) written: Value,
    /// The schema of the values that the server reads.
    pub(crate) read: Value,
    /// The note of the deprecation.
    pub(crate) deprecated: Option<&'static str>,
    /// The direction of the values. Those of a state go both ways.
    pub(crate) direction: ChannelDirection,
}

impl DescribedValue {
    /// Returns `true` if values go in this direction.
    pub(crate) fn goes(&self, way: ChannelDirection) -> bool {
        self.direction == way || self.direction == ChannelDirection::Both
    }
}

/// The schema generators for both directions.
struct Generators {
    written: SchemaGenerator,
    read: SchemaGenerator,
}

impl Generators {
    /// Asks both generators for the schema. Each sees every type, so a type's name does not depend on where it is
    /// used.
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

    fn error(&mut self, variant: &ErrorVariant, direction: Direction) -> DescribedError {
        let (written, read) = (
            variant.data(&mut self.written),
            variant.data(&mut self.read),
        );
        DescribedError {
            code: variant.code,
            data: match direction {
                Direction::Written => written,
                Direction::Read => read,
            },
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
    /// Generates the schemas of everything whose name is `wanted`. If functions share a name, the first one is used.
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
        let mut foreign = ForeignTypes::default();
        let mut functions: Vec<DescribedFunction> = functions
            .into_iter()
            .map(|definition| {
                let types = definition.types();
                let side = definition.side();
                if let Some(schema) = definition.foreign_schema() {
                    let (arguments, output) = foreign.add(schema, side);
                    return DescribedFunction {
                        definition,
                        arguments,
                        output,
                        errors: Vec::new(),
                    };
                }
                let arguments = (0..definition.parameters().len())
                    .map(|position| {
                        let describe = types.arguments.get(position).copied().flatten();
                        generators.in_direction(describe, Direction::of_arguments(side))
                    })
                    .collect();
                let output = generators.in_direction(types.output, Direction::of_results(side));
                let errors = definition.errors().iter();
                let errors = errors
                    .map(|variant| generators.error(variant, Direction::of_results(side)))
                    .collect();
                DescribedFunction {
                    definition,
                    arguments,
                    output,
                    errors,
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
        let own = |it: &&mut DescribedFunction| it.definition.foreign_schema().is_none();
        for function in functions.iter_mut().filter(own) {
            let side = function.definition.side();
            let of = |direction| match direction {
                Direction::Written => &written_ids,
                Direction::Read => &read_ids,
            };
            for argument in &mut function.arguments {
                refer_by_id(argument, of(Direction::of_arguments(side)));
            }
            let results = of(Direction::of_results(side));
            refer_by_id(&mut function.output, results);
            for data in function
                .errors
                .iter_mut()
                .filter_map(|error| error.data.as_mut())
            {
                refer_by_id(data, results);
            }
        }
        for value in channels.iter_mut().chain(&mut states) {
            refer_by_id(&mut value.written, &written_ids);
            refer_by_id(&mut value.read, &read_ids);
        }
        let names = written_ids.iter().chain(&read_ids).map(|(given, id)| {
            let chosen = surface.type_names.get(id).cloned();
            (id.clone(), chosen.unwrap_or_else(|| type_name(id, given)))
        });
        let own = Self {
            functions,
            channels,
            states,
            names: names.collect(),
            named: surface.type_names.keys().cloned().collect(),
            written: by_id(written, &written_ids),
            read: by_id(read, &read_ids),
        };
        own.with(foreign)
    }

    /// Adds the types of other processes.
    fn with(mut self, foreign: ForeignTypes) -> Self {
        for (direction, id, name, schema) in foreign.into_types() {
            let definitions = match direction {
                Direction::Written => &mut self.written,
                Direction::Read => &mut self.read,
            };
            definitions.insert(id.clone(), schema);
            self.names.insert(id, name);
        }
        self
    }

    /// Returns `true` if the program has named the type.
    pub(crate) fn is_named(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    /// Returns the name of the type with this id.
    pub(crate) fn name(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Returns the named types of one direction.
    pub(crate) fn definitions(&self, direction: Direction) -> &Map<String, Value> {
        match direction {
            Direction::Written => &self.written,
            Direction::Read => &self.read,
        }
    }
}

/// Maps definitions to the ids of their types. Those without an id keep their name.
fn by_id(definitions: Map<String, Value>, ids: &BTreeMap<String, String>) -> Map<String, Value> {
    definitions
        .into_iter()
        .map(|(name, mut schema)| {
            refer_by_id(&mut schema, ids);
            (ids.get(&name).cloned().unwrap_or(name), schema)
        })
        .collect()
}

fn described(generator: &mut SchemaGenerator, describe: Option<DescribeType>) -> Value {
    describe.map_or(Value::Bool(true), |describe| describe(generator).into())
}

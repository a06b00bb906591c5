//! What the types of a function are called and made of, where they say so.
//!
//! A type says it by deriving [`JsonSchema`](schemars::JsonSchema). Whether it does is asked where it is concrete, at the expansion: the constant
//! of [`Probe`] is preferred to that of [`ProbeFallback`](crate::function::ProbeFallback). What is kept is one function pointer per type, and none of it
//! runs before somebody asks.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::function::kind::Side;
use crate::function::probe::Probe;
use crate::function::tuples::tuples;

/// Describes a type to a generator, and says what stands for it.
pub type DescribeType = fn(&mut SchemaGenerator) -> Schema;

/// Describes a `T`.
pub(crate) fn describe<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl<T: JsonSchema> Probe<T> {
    /// How the type is described: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const DESCRIBE: Option<DescribeType> = Some(describe::<T>);
}

/// The types of a function: `None` for one that does not say what it is.
#[derive(Debug, Clone, Copy)]
pub struct Types {
    /// Those of the parameters that come off the wire, in order. Beyond its end nothing is known.
    pub arguments: &'static [Option<DescribeType>],
    /// That of the result.
    pub output: Option<DescribeType>,
}

impl Types {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        arguments: &[],
        output: None,
    };
}

/// What a function takes and returns, as JSON Schema (draft 2020-12): from [`FunctionDefinition::schema`](crate::FunctionDefinition::schema).
///
/// Each schema stands alone: types that have names are in its `$defs`. `true` is that of a type that does not say what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FunctionSchema {
    /// What it takes, in order, as serde reads it.
    pub arguments: Vec<Value>,
    /// What it returns, as serde writes it.
    pub output: Value,
}

impl FunctionSchema {
    pub(crate) fn new(types: Types, parameters: usize, side: Side) -> Self {
        let read = SchemaSettings::draft2020_12().for_deserialize();
        let written = SchemaSettings::draft2020_12().for_serialize();
        // What the server reads, a client has written.
        let (taken, returned) = match side {
            Side::Server => (read, written),
            Side::Client => (written, read),
        };
        let arguments = (0..parameters)
            .map(|position| alone(types.arguments.get(position).copied().flatten(), &taken))
            .collect();
        Self {
            arguments,
            output: alone(types.output, &returned),
        }
    }
}

/// The schema of a type, with what it refers to.
fn alone(describe: Option<DescribeType>, settings: &SchemaSettings) -> Value {
    let Some(describe) = describe else {
        return Value::Bool(true);
    };
    let mut generator = settings.clone().into_generator();
    let mut schema = describe(&mut generator);
    let definitions = generator.take_definitions(true);
    if !definitions.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema.into()
}

/// The types of a closure, for [`RpcFunctionBuilder::types`](crate::functions::RpcFunctionBuilder::types): `fn(String, Option<Options>) -> Module`, of up to
/// eight parameters, where all of them implement [`JsonSchema`](schemars::JsonSchema).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its types are",
    label = "a type in here does not implement `schemars::JsonSchema`",
    note = "expected the handler's parameters and its result: `fn(String, Option<u32>) -> Module`"
)]
pub trait DescribedTypes {
    #[doc(hidden)]
    const TYPES: Types;
}

macro_rules! described {
    ($($count:literal: ($($name:ident $index:tt),*);)*) => {$(
        impl<Output: JsonSchema, $($name: JsonSchema),*> DescribedTypes for fn($($name),*) -> Output {
            const TYPES: Types = Types {
                arguments: &[$(Probe::<$name>::DESCRIBE),*],
                output: Probe::<Output>::DESCRIBE,
            };
        }
    )*};
}

tuples!(described);

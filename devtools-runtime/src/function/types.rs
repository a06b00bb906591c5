//! The schemas of a function's types, if they have some.
//!
//! A type has a schema if it derives [`JsonSchema`](schemars::JsonSchema). The expansion asks where the type is
//! concrete: the constant of [`Probe`] is preferred to that of [`ProbeFallback`](crate::function::ProbeFallback). Each
//! type costs one function pointer, which is only called for a schema.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::function::kind::Side;
use crate::function::probe::Probe;
use crate::function::tuples::tuples;

/// Adds the schema of a type to a generator, and returns a reference to it.
pub type DescribeType = fn(&mut SchemaGenerator) -> Schema;

/// Describes a `T`.
pub(crate) fn describe<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl<T: JsonSchema> Probe<T> {
    /// The schema of the type. Preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const DESCRIBE: Option<DescribeType> = Some(describe::<T>);
}

/// The types of a function. `None` for a type without a schema.
#[derive(Debug, Clone, Copy)]
pub struct Types {
    /// The types of the parameters, in order. Further parameters have no schema.
    pub arguments: &'static [Option<DescribeType>],
    /// The type of the result.
    pub output: Option<DescribeType>,
}

impl Types {
    /// No type has a schema.
    pub const UNKNOWN: Self = Self {
        arguments: &[],
        output: None,
    };
}

/// The arguments and the result of a function as JSON Schema (draft 2020-12), from
/// [`FunctionDefinition::schema`](crate::FunctionDefinition::schema).
///
/// Each schema is complete: types with names are in its `$defs`. A type without a schema is `true`.
///
/// ```
/// use devtools_runtime::rpc_function;
///
/// #[rpc_function(name = "docs-of-schemas:repeat")]
/// fn repeat(text: String, times: u8) -> String {
///     text.repeat(times.into())
/// }
///
/// let schema = Repeat::definition().schema();
/// assert_eq!(schema.arguments[0]["type"], "string");
/// assert_eq!(schema.arguments[1]["maximum"], 255);
/// assert_eq!(schema.output["type"], "string");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FunctionSchema {
    /// The arguments in order, as serde reads them.
    pub arguments: Vec<Value>,
    /// The result, as serde writes it.
    pub output: Value,
}

impl FunctionSchema {
    pub(crate) fn new(types: Types, parameters: usize, side: Side) -> Self {
        let read = SchemaSettings::draft2020_12().for_deserialize();
        let written = SchemaSettings::draft2020_12().for_serialize();
        // The server reads the arguments that a client writes.
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

    /// Reads the schema in the [`FunctionInfo`](crate::functions::FunctionInfo) of a function with this number of
    /// parameters. A type without a schema there is unknown.
    pub(super) fn of_info(schema: Option<&Value>, parameters: usize) -> Self {
        let member = |name: &str| schema.and_then(|schema| schema.get(name));
        let argument = |position: usize| member("arguments").and_then(|it| it.get(position));
        let known = |schema: Option<&Value>| schema.cloned().unwrap_or(Value::Bool(true));
        Self {
            arguments: (0..parameters).map(|it| known(argument(it))).collect(),
            output: known(member("output")),
        }
    }
}

/// Returns the schema of a type, with the types that it refers to.
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

/// The types of a closure, for [`RpcFunctionBuilder::types`](crate::functions::RpcFunctionBuilder::types):
/// `fn(String, Option<Options>) -> Module`, of up to eight parameters, where all types implement
/// [`JsonSchema`](schemars::JsonSchema).
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

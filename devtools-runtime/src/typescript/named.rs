//! The selected part of a program with its types and their names. All documents are written from it, so they agree.

use std::collections::BTreeSet;

use crate::function::{FunctionDefinition, Side};
use crate::protocol::is_built_in;
use crate::streaming::ChannelDirection;
use crate::typescript::described::{Described, DescribedValue};
use crate::typescript::direction::Direction;
use crate::typescript::error::TypesError;
use crate::typescript::names::TypeNames;
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::surface::Surface;
use crate::typescript::text::{identifier, pascal_case};
use crate::typescript::way::Way;
use crate::wire::Encoding;

/// The ends of the interfaces' names, here and in the modules that are augmented.
pub(super) const INTERFACES: [&str; 6] = [
    "ServerFunctions",
    "ClientFunctions",
    "SharedStates",
    "Channels",
    "Uploads",
    "Errors",
];

/// Selects the types of shared states that get names. In TypeScript a state has one type, that of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateTypes {
    /// The type that the server writes.
    Written,
    /// Also the type that the server reads, in which more fields may be missing.
    WrittenAndRead,
}

/// The functions, channels and shared states of a program, with named types.
#[derive(Debug)]
pub(super) struct NamedSurface {
    pub(super) described: Described,
    pub(super) names: TypeNames,
    /// The beginning of the interfaces' names.
    pub(super) prefix: String,
}

impl NamedSurface {
    pub(super) fn new(
        surface: &Surface,
        options: &TypeScriptOptions,
        state_types: StateTypes,
    ) -> Result<Self, TypesError> {
        let described = Described::new(surface, |name| is_wanted(name, options));
        let prefix = prefix(&described, options)?;
        let of_functions = described.functions.iter().flat_map(|function| {
            let (argument, result) = ways(&function.definition);
            let side = function.definition.side();
            let arguments = function
                .arguments
                .iter()
                .map(move |schema| (argument, schema));
            let errors = function.errors.iter();
            let errors =
                errors.filter_map(move |error| Some((errors_way(side), error.data.as_ref()?)));
            arguments.chain([(result, &function.output)]).chain(errors)
        });
        let all = state_types == StateTypes::WrittenAndRead;
        let of_channels = described.channels.iter().flat_map(|channel| {
            let streams = (all || channel.goes(ChannelDirection::Streams))
                .then_some((written(channel), &channel.written));
            let uploads =
                (all || channel.goes(ChannelDirection::Uploads)).then_some((READ, &channel.read));
            streams.into_iter().chain(uploads)
        });
        let of_states = described.states.iter().flat_map(|state| {
            let accepted = state_types == StateTypes::WrittenAndRead;
            let accepted = accepted.then_some((READ, &state.read));
            std::iter::once((written(state), &state.written)).chain(accepted)
        });
        let roots = of_functions.chain(of_channels).chain(of_states);
        let interfaces = INTERFACES.map(|name| format!("{prefix}{name}"));
        let names = TypeNames::new(&described, roots, &interfaces)?;
        Ok(Self {
            described,
            names,
            prefix,
        })
    }
}

/// The way of values that clients write to channels and shared states.
pub(super) const READ: Way = Way::new(Direction::Read, Encoding::StructuredClone);

/// Returns the way of values that the server writes to a channel or a shared state.
pub(super) fn written(value: &DescribedValue) -> Way {
    Way::new(Direction::Written, value.encoding)
}

/// Returns the ways of a function's arguments and of its result.
pub(super) fn ways(function: &FunctionDefinition) -> (Way, Way) {
    let (side, encoding) = (function.side(), function.encoding());
    (
        Way::new(Direction::of_arguments(side), encoding),
        Way::new(Direction::of_results(side), encoding),
    )
}

/// Returns the way of the data of errors, which is JSON in all functions.
pub(super) fn errors_way(side: Side) -> Way {
    Way::new(Direction::of_results(side), Encoding::Json)
}

/// Returns the number of arguments that a caller must give.
pub(super) fn required(function: &FunctionDefinition) -> usize {
    let last = function
        .parameters()
        .iter()
        .rposition(|parameter| !parameter.optional);
    last.map_or(0, |last| last + 1)
}

fn is_wanted(name: &str, options: &TypeScriptOptions) -> bool {
    if options.scopes.is_empty() {
        return !is_built_in(name); // the clients declare the built-in functions
    }
    name.split_once(':')
        .is_some_and(|(scope, _)| options.scopes.iter().any(|wanted| wanted == scope))
}

/// Returns the beginning of the interfaces' names.
fn prefix(described: &Described, options: &TypeScriptOptions) -> Result<String, TypesError> {
    if let Some(prefix) = &options.prefix {
        return if identifier(prefix) == *prefix {
            Ok(prefix.clone())
        } else {
            Err(TypesError::Prefix(prefix.clone()))
        };
    }
    let functions = described.functions.iter();
    let values = described.channels.iter().chain(&described.states);
    let names = functions
        .map(|function| function.definition.name())
        .chain(values.map(|value| value.name.as_str()));
    let scopes: BTreeSet<&str> = names
        .filter_map(|name| Some(name.split_once(':')?.0))
        .collect();
    let mut scopes = scopes.into_iter();
    Ok(match (scopes.next(), scopes.next()) {
        (Some(scope), None) => pascal_case(scope),
        _ => "DevTools".to_owned(),
    })
}

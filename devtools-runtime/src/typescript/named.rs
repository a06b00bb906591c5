//! What of a program is wanted, with the types and what these are called: what every document is written from, so that no two disagree.

use std::collections::BTreeSet;

use crate::function::FunctionDefinition;
use crate::protocol::is_built_in;
use crate::streaming::ChannelDirection;
use crate::typescript::described::{Described, DescribedValue, Direction};
use crate::typescript::error::TypesError;
use crate::typescript::names::Names;
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::surface::Surface;
use crate::typescript::text::{identifier, pascal_case};
use crate::typescript::way::Way;
use crate::wire::Encoding;

/// What the names of the interfaces end with, here and in the modules that are augmented.
pub(super) const INTERFACES: [&str; 5] = [
    "ServerFunctions",
    "ClientFunctions",
    "SharedStates",
    "Channels",
    "Uploads",
];

/// Which types of shared states are named. The one type that a state has in TypeScript is that of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StateTypes {
    /// What the server writes.
    Held,
    /// Beside it what the server reads, which may leave more out.
    HeldAndAccepted,
}

/// What a program has with its types, named.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) described: Described,
    pub(super) names: Names,
    /// What the names of the interfaces begin with.
    pub(super) prefix: String,
}

impl Named {
    pub(super) fn new(
        surface: &Surface,
        options: &TypeScriptOptions,
        state_types: StateTypes,
    ) -> Result<Self, TypesError> {
        let described = Described::new(surface, |name| is_wanted(name, options));
        let prefix = prefix(&described, options)?;
        let of_functions = described.functions.iter().flat_map(|function| {
            let (argument, result) = ways(&function.definition);
            let arguments = function
                .arguments
                .iter()
                .map(move |schema| (argument, schema));
            arguments.chain([(result, &function.output)])
        });
        let all = state_types == StateTypes::HeldAndAccepted;
        let of_channels = described.channels.iter().flat_map(|channel| {
            let streams = (all || channel.goes(ChannelDirection::Streams))
                .then_some((written(channel), &channel.written));
            let uploads =
                (all || channel.goes(ChannelDirection::Uploads)).then_some((READ, &channel.read));
            streams.into_iter().chain(uploads)
        });
        let of_states = described.states.iter().flat_map(|state| {
            let accepted = state_types == StateTypes::HeldAndAccepted;
            let accepted = accepted.then_some((READ, &state.read));
            std::iter::once((written(state), &state.written)).chain(accepted)
        });
        let roots = of_functions.chain(of_channels).chain(of_states);
        let interfaces = INTERFACES.map(|name| format!("{prefix}{name}"));
        let names = Names::new(&described, roots, &interfaces)?;
        Ok(Self {
            described,
            names,
            prefix,
        })
    }
}

/// How what clients write into channels and shared states travels.
pub(super) const READ: Way = Way::new(Direction::Read, Encoding::StructuredClone);

/// How what the server writes there travels.
pub(super) fn written(value: &DescribedValue) -> Way {
    Way::new(Direction::Written, value.encoding)
}

/// How arguments and results of a function travel.
pub(super) fn ways(function: &FunctionDefinition) -> (Way, Way) {
    let (side, encoding) = (function.side(), function.encoding());
    (
        Way::new(Direction::of_arguments(side), encoding),
        Way::new(Direction::of_results(side), encoding),
    )
}

/// How many arguments a caller cannot leave out.
pub(super) fn required(function: &FunctionDefinition) -> usize {
    let last = function
        .parameters()
        .iter()
        .rposition(|parameter| !parameter.optional);
    last.map_or(0, |last| last + 1)
}

fn is_wanted(name: &str, options: &TypeScriptOptions) -> bool {
    if options.scopes.is_empty() {
        return !is_built_in(name); // the clients bring those along
    }
    name.split_once(':')
        .is_some_and(|(scope, _)| options.scopes.iter().any(|wanted| wanted == scope))
}

/// What the names of the interfaces begin with.
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

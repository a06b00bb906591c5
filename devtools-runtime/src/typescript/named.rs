//! The functions that are wanted, with their types and what these are called: what every document is written from, so that no two disagree.

use crate::function::FunctionDefinition;
use crate::protocol::is_built_in;
use crate::typescript::described::{Described, Direction};
use crate::typescript::error::TypesError;
use crate::typescript::names::{Names, Way};
use crate::typescript::options::TypeScriptOptions;
use crate::typescript::text::{identifier, pascal_case};

/// Functions with their types, named.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) described: Described,
    pub(super) names: Names,
    /// What the names of the interfaces begin with.
    pub(super) prefix: String,
}

impl Named {
    pub(super) fn new(
        functions: impl IntoIterator<Item = FunctionDefinition>,
        options: &TypeScriptOptions,
    ) -> Result<Self, TypesError> {
        let described = Described::new(
            functions
                .into_iter()
                .filter(|function| is_wanted(function.name(), options)),
        );
        let prefix = prefix(&described, options)?;
        let roots = described.functions.iter().flat_map(|function| {
            let (argument, result) = ways(&function.definition);
            let arguments = function
                .arguments
                .iter()
                .map(move |schema| (argument, schema));
            arguments.chain([(result, &function.output)])
        });
        let interfaces =
            ["ServerFunctions", "ClientFunctions"].map(|name| format!("{prefix}{name}"));
        let names = Names::new(&described, roots, &interfaces)?;
        Ok(Self {
            described,
            names,
            prefix,
        })
    }
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
    let mut scopes: Vec<&str> = described
        .functions
        .iter()
        .filter_map(|function| Some(function.definition.name().split_once(':')?.0))
        .collect();
    scopes.dedup();
    Ok(match scopes.as_slice() {
        [scope] => pascal_case(scope),
        _ => "DevTools".to_owned(),
    })
}

//! Assertions that functions were collected.

use crate::devtools::collected::runs_on_server;
use crate::function::{FunctionDefinition, Registration, RpcFunction};

/// Implements `assert_registered!("my-plugin:get-data")`.
///
/// # Panics
///
/// If no function, or more than one, was collected with this name.
#[track_caller]
pub fn assert_registered(name: &str) {
    let named: Vec<_> = all().filter(|function| function.name() == name).collect();
    let served: Vec<_> = named
        .iter()
        .filter(|function| runs_on_server(function))
        .collect();
    match (served.as_slice(), named.first()) {
        ([_], _) => {}
        ([first, second, ..], _) => panic!(
            "two functions are named `{name}`: one at {}, another at {}",
            first.location(),
            second.location()
        ),
        ([], Some(declared)) => panic!(
            "`{name}` is declared at {}, but no function of the server with a body has this name",
            declared.location()
        ),
        ([], None) => panic!("no function named `{name}` was collected\n{}", help(name)),
    }
}

/// Implements `assert_registered!(GetData)`.
///
/// # Panics
///
/// If the function was not collected.
#[track_caller]
pub fn assert_function_registered<F: RpcFunction>() {
    let collected = all().any(|function| function.is::<F>() && runs_on_server(&function));
    assert!(
        collected,
        "`{}` of the type `{}` was not collected: it is a function of the client, a declaration without a body, or \
         in a program that was linked without it",
        F::NAME,
        std::any::type_name::<F>(),
    );
}

fn all() -> impl Iterator<Item = FunctionDefinition> {
    inventory::iter::<Registration>
        .into_iter()
        .map(|registration| (registration.0)())
}

/// Returns the likely reasons for a missing function.
fn help(name: &str) -> String {
    let scope = name.split_once(':').map_or(name, |(scope, _)| scope);
    let mut names: Vec<_> = all()
        .filter(runs_on_server)
        .map(|function| function.owned_name())
        .collect();
    names.sort_unstable();
    names.dedup();
    let total = names.len();
    names.retain(|name| name.split_once(':').is_some_and(|(of, _)| of == scope));
    let (package, collected) = if names.is_empty() {
        let collected = format!("{total} functions were collected, none of `{scope}`");
        (scope.replace('-', "_"), collected)
    } else {
        let collected = format!("of `{scope}` were collected: {}", names.join(", "));
        ("my_functions".to_owned(), collected)
    };
    format!(
        "help: a crate that the program depends on but never names is not linked: write `use {package} as _;` once\n{collected}"
    )
}

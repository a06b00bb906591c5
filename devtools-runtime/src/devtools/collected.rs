//! The functions that the linker has collected, and the side on which a function runs.

use crate::function::{FunctionDefinition, HandlerRef, Registration, Side};

/// Returns the collected functions that are `wanted`, in an order that does not depend on the linker.
pub(super) fn collected(wanted: fn(&FunctionDefinition) -> bool) -> Vec<FunctionDefinition> {
    let mut functions: Vec<FunctionDefinition> = inventory::iter::<Registration>
        .into_iter()
        .map(|registration| (registration.0)())
        .filter(wanted)
        .collect();
    functions.sort_by(|a, b| {
        let order = |function: &FunctionDefinition| {
            let location = function.location();
            (location.package, location.file, location.line)
        };
        a.name().cmp(b.name()).then_with(|| order(a).cmp(&order(b)))
    });
    functions
}

/// Returns `true` if the server can run the function.
pub(super) fn runs_on_server(function: &FunctionDefinition) -> bool {
    function.side() == Side::Server && !matches!(function.handler(), HandlerRef::Declared)
}

/// Returns `true` if the function runs on clients.
pub(super) fn runs_on_client(function: &FunctionDefinition) -> bool {
    function.side() == Side::Client
}

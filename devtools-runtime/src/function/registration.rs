//! The list of the functions that the attribute defines in a program.

use crate::function::definition::FunctionDefinition;

/// A function that the attribute put into the program's list.
#[derive(Debug)]
pub struct Registration(pub(crate) fn() -> FunctionDefinition);

impl Registration {
    /// The entry of a function. Its definition is made when it is looked at: a compiler evaluates what a `static` holds
    /// again at every change of a program, but not what is behind a pointer.
    pub const fn new(definition: fn() -> FunctionDefinition) -> Self {
        Self(definition)
    }
}

inventory::collect!(Registration);

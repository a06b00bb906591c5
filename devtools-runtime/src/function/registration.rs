//! The list of the functions that the attribute defines in a program.

use crate::function::definition::FunctionDefinition;

/// The entry of an annotated function in the list of the program.
#[derive(Debug)]
pub struct Registration(pub(crate) fn() -> FunctionDefinition);

impl Registration {
    /// Creates the entry of a function. The definition is behind a function pointer, because the compiler evaluates the value of a
    /// `static` again after every change of a program.
    pub const fn new(definition: fn() -> FunctionDefinition) -> Self {
        Self(definition)
    }
}

inventory::collect!(Registration);

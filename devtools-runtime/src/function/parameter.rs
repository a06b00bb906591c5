//! A parameter of a function.

/// A parameter that a caller sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name in the signature.
    pub name: &'static str,
    /// Whether the type is an `Option`, so that a caller may omit it at the end.
    pub optional: bool,
}

impl Parameter {
    /// Creates a parameter of this name.
    pub const fn new(name: &'static str, optional: bool) -> Self {
        Self { name, optional }
    }
}

//! A parameter of a function.

/// A parameter that a caller sends.
///
/// ```
/// use devtools_runtime::{RpcFunction, rpc_function};
///
/// #[rpc_function(name = "docs-of-parameters:search")]
/// fn search(text: String, limit: Option<u32>) -> Vec<String> {
///     vec![text; limit.unwrap_or(1) as usize]
/// }
///
/// let [text, limit] = Search::PARAMETERS else { panic!() };
/// assert_eq!((text.name, text.optional), ("text", false));
/// assert_eq!((limit.name, limit.optional), ("limit", true));
/// ```
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

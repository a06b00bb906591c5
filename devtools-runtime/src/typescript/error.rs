//! Why types cannot be written down.

/// Why no TypeScript can be written for the functions of a program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypesError {
    /// A type says of itself what TypeScript has no words for.
    #[error("{place} cannot be written in TypeScript: {reason}")]
    NotExpressible {
        /// The type and the field in it, or the function and its parameter.
        place: String,
        /// What of its schema has no counterpart.
        reason: String,
    },
    /// A name that is to be an identifier cannot be one.
    #[error("`{0}` cannot begin the name of an interface: it is not an identifier")]
    Prefix(String),
}

//! The error of writing TypeScript declarations.

/// The error of writing TypeScript declarations for a program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypesError {
    /// The schema of a type has a part that TypeScript cannot express.
    #[error("{place} cannot be written in TypeScript: {reason}")]
    NotExpressible {
        /// The type and its field, or the function and its parameter.
        place: String,
        /// The part of the schema that has no counterpart.
        reason: String,
    },
    /// The prefix for interfaces is not an identifier.
    #[error("`{0}` cannot be the prefix of an interface's name, because it is not an identifier")]
    Prefix(String),
}

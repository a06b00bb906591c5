//! The error of writing TypeScript declarations.

/// The error of writing TypeScript declarations for a program.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::typescript::{TypeScriptOptions, TypesError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let options = TypeScriptOptions::new().prefix("my-plugin");
/// match devtools.typescript_with(&options) {
///     Err(TypesError::Prefix(prefix)) => assert_eq!(prefix, "my-plugin"),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
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

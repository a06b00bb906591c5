//! The trait of errors that have a code on the wire.

use crate::function::output::RpcFailure;
use crate::function::rpc_error::data::{Disclosure, ErrorData};
#[cfg(feature = "typescript")]
use crate::function::rpc_error::variants::ErrorVariant;

/// An error that a caller receives as the same type.
///
/// Derive it: [`#[derive(RpcError)]`](derive@crate::RpcError). The derive implements the hidden methods.
///
/// ```
/// use devtools_runtime::RpcError;
///
/// #[derive(Debug, thiserror::Error, RpcError)]
/// enum OpenError {
///     #[error("no file at `{path}`")]
///     NotFound { path: String },
///     #[error("the file is locked")]
///     Locked,
/// }
///
/// /// Counts errors by their codes, whatever their types are.
/// fn label(error: &impl RpcError) -> String {
///     format!("errors.{}", error.code())
/// }
///
/// assert_eq!(label(&OpenError::Locked), "errors.locked");
/// assert_eq!(label(&OpenError::NotFound { path: "/x".to_owned() }), "errors.not-found");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no code to travel under",
    note = "if the type is yours, derive it: `#[derive(devtools_runtime::RpcError)]`"
)]
pub trait RpcError: RpcFailure + Sized {
    #[cfg(feature = "typescript")]
    #[doc(hidden)]
    const VARIANTS: &'static [ErrorVariant] = &[];

    /// The code that stands for the variant on the wire, in kebab-case.
    fn code(&self) -> &'static str;

    #[doc(hidden)]
    fn disclose(&self) -> Disclosure;

    #[doc(hidden)]
    fn rebuild(code: &str, data: ErrorData<'_>) -> Option<Self>;
}

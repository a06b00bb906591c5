//! Errors that a caller receives as their own type: by a code, the data of a variant, and a message.
//!
//! [`RpcError`] selects the part of an error that its caller may see, and rebuilds the error from it. [`Failure`] says whether the
//! errors of a function are of this sort. [`coded_message`](crate::wire::coded_message) is their form on the wire.

mod data;
mod failure;
#[cfg(feature = "typescript")]
mod variants;

use std::error::Error;

pub use self::data::{
    Disclosure, ErrorData, ErrorField, FieldPosition, RpcErrorField, error_field,
};
pub use self::failure::Failure;
#[cfg(feature = "typescript")]
pub use self::variants::ErrorVariant;

use crate::function::error::RemoteError;
use crate::function::failed_call::FailedCall;
use crate::function::output::RpcFailure;

/// An error that a caller receives as the same type.
///
/// Derive it: [`#[derive(RpcError)]`](derive@crate::RpcError). The rest of the trait is the derive's.
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

/// Converts the part of the error that its caller may see. The text of an internal error is logged instead.
impl<E: RpcError> From<E> for RemoteError {
    fn from(error: E) -> Self {
        disclosed(&error, FailedCall::default()).error
    }
}

/// The part of an error that its caller may see.
#[derive(Debug)]
pub(crate) struct Disclosed {
    pub(crate) error: RemoteError,
    /// Whether the rest of the error stays in the process.
    pub(crate) is_internal: bool,
}

fn disclosed<E: RpcError>(error: &E, call: FailedCall<'_>) -> Disclosed {
    report(error.as_error(), error.code(), error.disclose(), call)
}

fn report(
    error: &(dyn Error + 'static),
    code: &'static str,
    disclosure: Disclosure,
    call: FailedCall<'_>,
) -> Disclosed {
    let is_internal = matches!(disclosure, Disclosure::Internal);
    let mut remote = match disclosure {
        Disclosure::Internal => RemoteError::new(call.conceal_coded(error, code)),
        Disclosure::Public(data) => {
            let mut remote = RemoteError::new(error.to_string());
            remote.data = data.unwrap_or_else(|problem| {
                let problem: &(dyn Error + 'static) = &problem;
                tracing::warn!(
                    rpc.method = call.function(),
                    session = call.session(),
                    code,
                    error = problem,
                    "the data of an error could not be written"
                );
                None
            });
            remote
        }
    };
    remote.code = Some(code.to_owned());
    Disclosed {
        error: remote,
        is_internal,
    }
}

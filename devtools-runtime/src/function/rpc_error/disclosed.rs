//! The part of an error that its caller may see.

use std::error::Error;

use crate::function::error::RemoteError;
use crate::function::failed_call::FailedCall;
use crate::function::rpc_error::coded_error::RpcError;
use crate::function::rpc_error::data::Disclosure;

/// The part of an error that its caller may see.
#[derive(Debug)]
pub(crate) struct Disclosed {
    pub(crate) error: RemoteError,
    /// Whether the rest of the error stays in the process.
    pub(crate) is_internal: bool,
}

pub(super) fn disclosed<E: RpcError>(error: &E, call: FailedCall<'_>) -> Disclosed {
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

/// Converts the part of the error that its caller may see. The text of an internal error is logged instead.
impl<E: RpcError> From<E> for RemoteError {
    fn from(error: E) -> Self {
        disclosed(&error, FailedCall::default()).error
    }
}

//! The form in which the errors of a function are sent, which depends on their type.
//!
//! [`Failure`] is a constant of each function. The attribute takes it from [`Probe`], where the type of the error is concrete. Only
//! types that implement [`RpcError`] have the inherent constant, which is preferred to that of
//! [`ProbeFallback`](crate::function::ProbeFallback).

use std::convert::Infallible;

use crate::function::error::{CallError, RemoteError};
use crate::function::failed_call::FailedCall;
use crate::function::probe::Probe;
use crate::function::rpc_error::coded_error::RpcError;
use crate::function::rpc_error::data::ErrorData;
use crate::function::rpc_error::disclosed::{Disclosed, disclosed};
#[cfg(feature = "typescript")]
use crate::function::rpc_error::variants::ErrorVariant;

/// The form in which errors of type `E` are sent.
pub struct Failure<E>(Option<TypedFailure<E>>);

struct TypedFailure<E> {
    disclose: fn(&E, FailedCall<'_>) -> Disclosed,
    rebuild: fn(&str, ErrorData<'_>) -> Option<E>,
    #[cfg(feature = "typescript")]
    variants: &'static [ErrorVariant],
}

impl<E> Failure<E> {
    /// Errors travel as their message.
    pub const OPAQUE: Self = Self(None);

    /// Returns whether errors have codes.
    pub(crate) const fn is_typed(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the variants of the errors. There are none if errors travel as their message.
    #[cfg(feature = "typescript")]
    pub(crate) const fn variants(&self) -> &'static [ErrorVariant] {
        match &self.0 {
            Some(typed) => typed.variants,
            None => &[],
        }
    }

    /// Returns the part of `error` that the caller sees. `None` if that is its message.
    pub(crate) fn disclose(&self, error: &E, call: FailedCall<'_>) -> Option<Disclosed> {
        let typed = self.0.as_ref()?;
        Some((typed.disclose)(error, call))
    }

    /// Returns the error that the peer sent. `None` if it is not an `E`.
    fn rebuild(&self, error: &RemoteError) -> Option<E> {
        let typed = self.0.as_ref()?;
        (typed.rebuild)(error.code.as_deref()?, ErrorData::of(error.data.as_ref()))
    }
}

impl<E> CallError<E> {
    /// Gives an error the type of the function, whose errors travel as `failure` describes.
    pub(crate) fn typed(error: CallError<Infallible>, failure: &Failure<E>) -> Self {
        match error {
            CallError::Function(never) => match never {},
            CallError::Remote(error) => match failure.rebuild(&error) {
                Some(error) => Self::Function(error),
                None => Self::Remote(error),
            },
            CallError::UnknownFunction(name) => Self::UnknownFunction(name),
            CallError::Unauthorized(name) => Self::Unauthorized(name),
            CallError::Encode { function, source } => Self::Encode { function, source },
            CallError::Decode { function, source } => Self::Decode { function, source },
            CallError::Argument(error) => Self::Argument(error),
            CallError::TooLarge { size, limit } => Self::TooLarge { size, limit },
            CallError::Timeout(after) => Self::Timeout(after),
            CallError::Congested => Self::Congested,
            CallError::Disconnected(delivery) => Self::Disconnected(delivery),
            CallError::MissingState(error) => Self::MissingState(error),
            CallError::Setup(error) => Self::Setup(error),
        }
    }
}

impl<E: RpcError> Probe<E> {
    /// Errors travel with code and data. Preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const FAILURE: Failure<E> = Failure(Some(TypedFailure {
        disclose: disclosed::<E>,
        rebuild: E::rebuild,
        #[cfg(feature = "typescript")]
        variants: E::VARIANTS,
    }));
}

crate::debug_impl! { <E> Failure<E> as it => "{}", if it.is_typed() { "typed" } else { "opaque" } }

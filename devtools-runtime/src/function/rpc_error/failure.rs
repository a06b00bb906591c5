//! Telling an error that derives [`RpcError`] from any other by the type itself.
//!
//! [`Failure`] is a constant of each function. The attribute, where the error's type is concrete,
//! takes the one that [`Probe`] has for it: the inherent constant, which is there for [`RpcError`]s
//! alone, is preferred to that of [`ProbeFallback`](crate::function::ProbeFallback).

use std::convert::Infallible;
use std::fmt;

use crate::function::error::{CallError, RemoteError};
use crate::function::failed_call::FailedCall;
use crate::function::probe::Probe;
use crate::function::rpc_error::data::ErrorData;
use crate::function::rpc_error::{Disclosed, RpcError, disclosed};

/// How errors of type `E` travel.
pub struct Failure<E>(Option<Typed<E>>);

struct Typed<E> {
    disclose: fn(&E, FailedCall<'_>) -> Disclosed,
    rebuild: fn(&str, ErrorData<'_>) -> Option<E>,
}

impl<E> Failure<E> {
    /// As their message.
    pub const OPAQUE: Self = Self(None);

    /// Whether they have codes.
    pub(crate) const fn is_typed(&self) -> bool {
        self.0.is_some()
    }

    /// What the caller sees of `error`; `None` if that is its message.
    pub(crate) fn disclose(&self, error: &E, call: FailedCall<'_>) -> Option<Disclosed> {
        let typed = self.0.as_ref()?;
        Some((typed.disclose)(error, call))
    }

    /// The error that the peer sent; `None` if this side does not know it as one.
    fn rebuild(&self, error: &RemoteError) -> Option<E> {
        let typed = self.0.as_ref()?;
        (typed.rebuild)(error.code.as_deref()?, ErrorData::of(error.data.as_ref()))
    }
}

impl<E> CallError<E> {
    /// Returns the error of a call whose function fails as `failure` says: an error that the peer sent becomes the function's
    /// own, if it is one.
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
    /// By code and data: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const FAILURE: Failure<E> = Failure(Some(Typed {
        disclose: disclosed::<E>,
        rebuild: E::rebuild,
    }));
}

impl<E> fmt::Debug for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_typed() { "typed" } else { "opaque" })
    }
}

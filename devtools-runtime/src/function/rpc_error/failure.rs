//! Telling an error that derives [`RpcError`] from any other by the type itself.
//!
//! [`Failure`] is a constant of each function. The attribute, where the error's type is concrete,
//! takes the one that [`Probe`] has for it: the inherent constant, which is there for [`RpcError`]s
//! alone, is preferred to that of [`ProbeFallback`](crate::function::ProbeFallback).

use std::fmt;

use crate::function::rpc_error::{Disclosed, ErrorData, RpcError, disclosed};
use crate::function::{FailedCall, Probe, RemoteError};

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
    pub(crate) fn rebuild(&self, error: &RemoteError) -> Option<E> {
        let typed = self.0.as_ref()?;
        (typed.rebuild)(error.code.as_deref()?, ErrorData::of(error.data.as_ref()))
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

//! The return type of a function, taken apart into output and error.
//!
//! The attribute asks [`Probe`](crate::function::Probe) about the return type and puts the answers into [`Returns`], which selects
//! the implementation of [`Returned`].

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;
use std::marker::PhantomData;

use crate::function::error::{BoxError, RemoteError};
use crate::function::failed_call::{FailedCall, WithCauses};

/// The return type `R` of a function, with its form beside it, from [`returns`].
///
/// The form is one value, because the compiler treats each constant of a type as an item of its own.
#[derive(Debug)]
pub struct Returns<R, const FORM: u8>(PhantomData<R>);

/// A type that is not a `Result`.
const VALUE: u8 = 0;
/// A `Result` whose error is an [`Error`](std::error::Error), or one that the compiler refuses.
const RESULT: u8 = 1;
/// A `Result` whose error is no [`Error`](std::error::Error) itself but can be boxed as one.
const BOXED: u8 = 2;

/// Returns the form of a return type, of which [`Probe`](crate::function::Probe) has these constants.
pub const fn returns(is_result: bool, has_text: bool, has_error: bool) -> u8 {
    match (is_result, has_text && !has_error) {
        (false, _) => VALUE,
        (true, false) => RESULT,
        (true, true) => BOXED,
    }
}

/// A return type, taken apart into output and error.
///
/// Only [`RpcFunction`](crate::RpcFunction) has bounds on them, so that the compiler reports a wrong type once.
pub trait Returned {
    /// The type as written.
    type Written;
    /// The output of a successful call.
    type Output;
    /// The error of a failed call.
    type Error;

    /// Whether an error may be logged, for which [`split`](Self::split) needs the description of the call.
    const MAY_CONCEAL: bool = false;

    /// Takes apart what `call` returned.
    ///
    /// # Errors
    ///
    /// Returns the error of the function, or the part of it that the caller may see.
    fn split(written: Self::Written, call: FailedCall<'_>) -> Result<Self::Output, Self::Error>;
}

impl<T> Returned for Returns<T, VALUE> {
    type Written = T;
    type Output = T;
    type Error = Infallible;

    fn split(written: T, _: FailedCall<'_>) -> Result<T, Infallible> {
        Ok(written)
    }
}

impl<T, E> Returned for Returns<Result<T, E>, RESULT> {
    type Written = Result<T, E>;
    type Output = T;
    type Error = E;

    fn split(written: Result<T, E>, _: FailedCall<'_>) -> Result<T, E> {
        written
    }
}

impl<T, E: Into<BoxError> + 'static> Returned for Returns<Result<T, E>, BOXED> {
    type Written = Result<T, E>;
    type Output = T;
    type Error = RemoteError;

    const MAY_CONCEAL: bool = true;

    fn split(written: Result<T, E>, call: FailedCall<'_>) -> Result<T, RemoteError> {
        written.map_err(|error| match public_text(&error) {
            Some(text) => RemoteError::new(text),
            None => unboxed(error.into(), call),
        })
    }
}

/// Returns the text of an error that is only a text. Its author has written it for the caller.
pub(crate) fn public_text(error: &dyn Any) -> Option<String> {
    None.or_else(|| error.downcast_ref::<String>().cloned())
        .or_else(|| {
            error
                .downcast_ref::<&'static str>()
                .map(ToString::to_string)
        })
        .or_else(|| {
            error
                .downcast_ref::<Cow<'static, str>>()
                .map(ToString::to_string)
        })
}

/// Returns the part of a boxed error that the caller of `call` may see. The error may be of any type.
fn unboxed(error: BoxError, call: FailedCall<'_>) -> RemoteError {
    let error: BoxError = match error.downcast::<RemoteError>() {
        Ok(remote) => return *remote,
        Err(error) => error,
    };
    if call.publishes() {
        RemoteError::new(WithCauses(&*error).to_string())
    } else {
        RemoteError::new(call.conceal(&*error))
    }
}

//! Telling `T` from `Result<T, E>`, and what `E` is, by the type itself, never by how its path is spelt.
//!
//! `Result` is serializable like any other type, so a trait cannot tell the two apart. A constant
//! can: an inherent one is preferred to a trait's, so [`Probe::<R>::IS_RESULT`](Probe) reads `true` for
//! `Result` alone. The attribute, where `R` is concrete, puts that constant into [`Returns`], and the
//! type system goes on from there.

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::function::concealed::WithCauses;
use crate::function::{
    BoxError, FailedCall, Failure, Implementation, RemoteError, Rule, SetupImplementation,
};

/// A type that a function can return.
///
/// Implemented for everything that serde reads and writes: the server writes it, a Rust caller reads
/// it back.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by an RPC function",
    label = "cannot be written into a reply",
    note = "if the type is yours, derive it: `#[derive(serde::Serialize, serde::Deserialize)]`"
)]
pub trait RpcOutput: Send + 'static {
    #[doc(hidden)]
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> RpcOutput for T {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer)
    }
}

/// An output as serde sees it.
///
/// [`RpcOutput`] has no serde traits above it: the compiler would report each of them in its place.
pub(crate) struct Carried<T>(pub(crate) T);

impl<T: RpcOutput> Serialize for Carried<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: RpcOutput> Deserialize<'de> for Carried<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// A type that a function can fail with.
///
/// Implemented for every [`Error`] that can move between threads. That is no supertrait: the compiler
/// would report it in place of this. A function may also return what becomes a boxed error, such as a `String`, an
/// `anyhow::Error` or a `Box<dyn Error + Send + Sync>`: its error is then a [`RemoteError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an RPC function",
    label = "is no `std::error::Error` that can move between threads",
    note = "if the type is yours, implement `std::error::Error` for it: `#[derive(thiserror::Error)]`",
    note = "a `String` can be one too, and so can `anyhow::Error` and `Box<dyn std::error::Error + Send + Sync>`"
)]
pub trait RpcFailure: Debug + Display + Send + Sync + 'static {
    #[doc(hidden)]
    fn as_error(&self) -> &(dyn Error + 'static);
}

#[diagnostic::do_not_recommend]
impl<E: Error + Send + Sync + 'static> RpcFailure for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

/// Asks about a type what only its name would say.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T, E> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const IS_RESULT: bool = true;
}

impl<T, E: Error + Send + Sync + 'static> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const HAS_ERROR: bool = true;
}

impl<T, E: Into<BoxError> + 'static> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const HAS_TEXT: bool = true;
}

impl<T> Probe<Option<T>> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const IS_OPTION: bool = true;
}

impl<F: Implementation> Probe<F> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const HAS_BODY: bool = true;
}

impl<F: SetupImplementation> Probe<F> {
    /// `true`: preferred to the constant of [`ProbeFallback`].
    pub const IS_SET_UP: bool = true;
}

/// What [`Probe`] says of every other type.
pub trait ProbeFallback {
    /// The type.
    type Probed;
    /// `false`, unless the type is a `Result`.
    const IS_RESULT: bool = false;
    /// `false`, unless the type is a `Result` whose error is an [`Error`].
    const HAS_ERROR: bool = false;
    /// `false`, unless the type is a `Result` whose error can be boxed as one: every [`Error`], and texts, and boxed errors.
    const HAS_TEXT: bool = false;
    /// `false`, unless the type is an `Option`.
    const IS_OPTION: bool = false;
    /// `false`, unless the type stands for a function that runs here at each call.
    const HAS_BODY: bool = false;
    /// `false`, unless the type stands for a function that is set up here.
    const IS_SET_UP: bool = false;
    /// As their message, unless the type derives [`RpcError`](crate::RpcError).
    const FAILURE: Failure<Self::Probed> = Failure::OPAQUE;
    /// None, unless the type implements `garde::Validate`.
    const RULE: Rule = Rule::NONE;
    /// Nothing, unless the type implements `schemars::JsonSchema`.
    #[cfg(feature = "typescript")]
    const DESCRIBE: Option<crate::function::DescribeType> = None;
}

impl<T> ProbeFallback for Probe<T> {
    type Probed = T;
}

/// The return type `R` of a function, with [`Probe::<R>::IS_RESULT`](Probe) beside it, and whether it has an error that is no
/// [`Error`] itself but can be boxed as one.
#[derive(Debug)]
pub struct Returns<R, const IS_RESULT: bool, const IS_BOXED: bool>(PhantomData<R>);

/// A return type, taken apart into output and error.
///
/// What these must be is asked by [`RpcFunction`](crate::RpcFunction) alone, so that a wrong one is
/// one error.
pub trait Returned {
    /// The type as written.
    type Written;
    /// What success carries.
    type Output;
    /// What failure carries.
    type Error;

    /// Whether errors may have to be told to the log, which names the call.
    const MAY_CONCEAL: bool = false;

    /// Takes apart what `call` returned.
    ///
    /// # Errors
    ///
    /// The function's own, or what its caller may see of it.
    fn split(written: Self::Written, call: FailedCall<'_>) -> Result<Self::Output, Self::Error>;
}

impl<T> Returned for Returns<T, false, false> {
    type Written = T;
    type Output = T;
    type Error = Infallible;

    fn split(written: T, _: FailedCall<'_>) -> Result<T, Infallible> {
        Ok(written)
    }
}

impl<T, E> Returned for Returns<Result<T, E>, true, false> {
    type Written = Result<T, E>;
    type Output = T;
    type Error = E;

    fn split(written: Result<T, E>, _: FailedCall<'_>) -> Result<T, E> {
        written
    }
}

impl<T, E: Into<BoxError> + 'static> Returned for Returns<Result<T, E>, true, true> {
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

/// The text of an error that is nothing but a text: the author has written it for whoever reads it.
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

/// What the caller of `call` may see of a boxed error, which may be anything.
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

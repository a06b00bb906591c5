//! Telling `T` from `Result<T, E>` by the type itself, never by how its path is spelt.
//!
//! `Result` is serializable like any other type, so a trait cannot tell the two apart. A constant
//! can: an inherent one is preferred to a trait's, so [`Probe::<R>::IS_RESULT`](Probe) reads `true` for
//! `Result` alone. The attribute, where `R` is concrete, puts that constant into [`Returns`], and the
//! type system goes on from there.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::function::{Failure, Implementation, Rule, SetupImplementation};

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
/// would report it in place of this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of an RPC function",
    label = "is no `std::error::Error`",
    note = "if the type is yours, implement `std::error::Error` for it: `#[derive(thiserror::Error)]`",
    note = "for any other type, such as `String`, write an error of your own that holds it"
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

/// The return type `R` of a function, with [`Probe::<R>::IS_RESULT`](Probe) beside it.
#[derive(Debug)]
pub struct Returns<R, const IS_RESULT: bool>(PhantomData<R>);

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

    /// Takes a returned value apart.
    ///
    /// # Errors
    ///
    /// The function's own.
    fn split(written: Self::Written) -> Result<Self::Output, Self::Error>;
}

impl<T> Returned for Returns<T, false> {
    type Written = T;
    type Output = T;
    type Error = Infallible;

    fn split(written: T) -> Result<T, Infallible> {
        Ok(written)
    }
}

impl<T, E> Returned for Returns<Result<T, E>, true> {
    type Written = Result<T, E>;
    type Output = T;
    type Error = E;

    fn split(written: Result<T, E>) -> Result<T, E> {
        written
    }
}

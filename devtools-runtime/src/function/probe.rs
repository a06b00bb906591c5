//! Questions about a type that are answered by the type itself, never by how its path is spelt.
//!
//! A trait cannot tell `T` from `Result<T, E>`, because `Result` is serializable like any other type. A constant can: an
//! inherent constant is preferred to one of a trait, so [`Probe::<R>::IS_RESULT`](Probe) is `true` for `Result` alone, and
//! that of [`ProbeFallback`](crate::function::ProbeFallback) applies to every other type. The attribute asks where the type
//! is concrete.

use std::error::Error;
use std::marker::PhantomData;

use crate::function::error::BoxError;

/// Answers questions about the type `T`.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T, E> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const IS_RESULT: bool = true;
}

impl<T, E: Error + Send + Sync + 'static> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const HAS_ERROR: bool = true;
}

impl<T, E: Into<BoxError> + 'static> Probe<Result<T, E>> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const HAS_TEXT: bool = true;
}

impl<T> Probe<Option<T>> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const IS_OPTION: bool = true;
}

//! The types that a dump function may return.

use std::pin::Pin;

use crate::dump::declared::dump::Dump;
use crate::function::BoxError;

/// A type that the function of the option `dump` may return: a [`Dump`], or a future of one that may fail.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no dump of this function",
    label = "not `Dump<{A}, {R}>`",
    note = "a dump is typed by its function: the tuple of its parameters, and its return type"
)]
pub trait IntoDump<A, R> {
    /// Returns the dump, or the reason why there is none.
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f;
}

/// A future of a dump. It has a name, so that the compiler reports a type that is not a dump only once.
pub(crate) type DumpFuture<'f, A, R> =
    Pin<Box<dyn Future<Output = Result<Dump<A, R>, BoxError>> + Send + 'f>>;

impl<A: Send, R: Send> IntoDump<A, R> for Dump<A, R> {
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f,
    {
        Box::pin(std::future::ready(Ok(self)))
    }
}

impl<A, R, F: Future<Output: DumpOutcome<A, R>> + Send> IntoDump<A, R> for F {
    fn into_dump<'f>(self) -> DumpFuture<'f, A, R>
    where
        Self: 'f,
    {
        Box::pin(async move { self.await.into_outcome() })
    }
}

/// The output of a future of a dump: a [`Dump`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no dump of this function",
    label = "not `Dump<{A}, {R}>`",
    note = "a dump is typed by its function: the tuple of its parameters, and its return type"
)]
pub trait DumpOutcome<A, R> {
    /// Returns the dump, or the reason why there is none.
    ///
    /// # Errors
    ///
    /// Returns the error of the `Result`.
    fn into_outcome(self) -> Result<Dump<A, R>, BoxError>;
}

impl<A, R> DumpOutcome<A, R> for Dump<A, R> {
    fn into_outcome(self) -> Result<Self, BoxError> {
        Ok(self)
    }
}

impl<A, R, E: Into<BoxError>> DumpOutcome<A, R> for Result<Dump<A, R>, E> {
    fn into_outcome(self) -> Result<Dump<A, R>, BoxError> {
        self.map_err(Into::into)
    }
}

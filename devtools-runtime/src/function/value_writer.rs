//! Writes the values of a function where its types are not known.

use crate::function::arguments::{Positional, RpcArguments};
use crate::function::reply::{ReplyText, ReplyTo};
use crate::wire::{self, Encoding, ValueWriteError};

/// Writes the arguments and the results of a function that takes the arguments `A`, a tuple, and returns `R`.
pub struct ValueWriter<A, R> {
    pub(crate) encoding: Encoding,
    arguments: fn(Encoding, &A) -> Result<String, ValueWriteError>,
    result: WriteResult<R>,
}

/// Writes the reply of a function that has returned.
pub(crate) type WriteResult<R> = fn(Encoding, &ReplyTo, R) -> ReplyText;

impl<A: RpcArguments, R> ValueWriter<A, R> {
    pub(crate) const fn new(encoding: Encoding, result: WriteResult<R>) -> Self {
        Self {
            encoding,
            arguments: |encoding, arguments| wire::arguments(encoding, &Positional(arguments)),
            result,
        }
    }
}

impl<A, R> ValueWriter<A, R> {
    /// Writes arguments as an array.
    pub(crate) fn arguments(&self, arguments: &A) -> Result<String, ValueWriteError> {
        (self.arguments)(self.encoding, arguments)
    }

    /// Writes the reply of a function that returned `result`.
    pub(crate) fn result(&self, reply: &ReplyTo, result: R) -> ReplyText {
        (self.result)(self.encoding, reply, result)
    }
}

impl<A, R> Clone for ValueWriter<A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, R> Copy for ValueWriter<A, R> {}

crate::debug_impl! { <A, R> ValueWriter<A, R> { encoding, .. } }

//! Compares an implementation with its declaration.

use std::marker::PhantomData;

use crate::function::identity::RpcFunction;

/// Implemented by the type that the declaration has in the same place, and by no other.
#[diagnostic::on_unimplemented(
    message = "the declaration has `{Declared}` here, and the implementation `{Self}`",
    label = "declared as `{Declared}`",
    note = "both must be the same: change the one or the other"
)]
pub trait Same<Declared> {}

impl<T> Same<T> for T {}

/// A parameter as it is declared.
#[derive(Debug)]
pub struct Parameter<Declared>(PhantomData<Declared>);

/// Returns a parameter as it is declared. Its type is inferred before it is compared.
pub fn declared<Declared>(_: Declared) -> Parameter<Declared> {
    Parameter(PhantomData)
}

impl<Declared> Parameter<Declared> {
    /// Compiles if the implementation has the same parameter.
    pub fn is<Own: Same<Declared>>(self) -> (Self, PhantomData<Own>) {
        (self, PhantomData)
    }
}

/// Compiles if output and error are the declared ones.
pub fn same_result<Own, Output, Error>()
where
    Own: RpcFunction<Output: Same<Output>, Error: Same<Error>>,
{
}

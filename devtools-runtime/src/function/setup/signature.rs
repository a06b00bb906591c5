//! The signatures of handlers, and the closures that have them.

use std::pin::Pin;

use crate::function::define::Apply;
use crate::function::tuples::tuples;

/// A closure that handles calls of the signature `S`.
#[diagnostic::on_unimplemented(
    message = "this is not the handler that the setup promises: `{S}`",
    label = "does not handle such calls",
    note = "the handler is `Fn + Send + Sync + 'static`, takes exactly these parameters and returns exactly this",
    note = "a closure that returns a future goes into `Setup::async_handler`"
)]
pub trait HandlerOf<S>: Send + Sync + 'static {
    #[doc(hidden)]
    fn handle(&self, arguments: S::Args) -> S::Returned
    where
        S: HandlerSignature;
}

#[diagnostic::do_not_recommend]
impl<S, H> HandlerOf<S> for H
where
    S: HandlerSignature,
    H: Apply<S::Args, Returned = S::Returned>,
{
    fn handle(&self, arguments: S::Args) -> S::Returned {
        self.apply(arguments)
    }
}

/// A closure that handles calls of the signature `S`, and returns a future.
#[diagnostic::on_unimplemented(
    message = "this is not the async handler that the setup promises: `{S}`",
    label = "does not handle such calls",
    note = "the handler is `Fn + Send + Sync + 'static`, takes exactly these parameters and returns a `Send` future of exactly this",
    note = "a closure that returns no future goes into `Setup::handler`"
)]
pub trait AsyncHandlerOf<S>: Send + Sync + 'static {
    #[doc(hidden)]
    fn handle(&self, arguments: S::Args) -> Pin<Box<dyn Future<Output = S::Returned> + Send>>
    where
        S: HandlerSignature;
}

#[diagnostic::do_not_recommend]
impl<S, H> AsyncHandlerOf<S> for H
where
    S: HandlerSignature,
    H: Apply<S::Args, Returned: Future<Output = S::Returned> + Send + 'static>,
{
    fn handle(&self, arguments: S::Args) -> Pin<Box<dyn Future<Output = S::Returned> + Send>> {
        Box::pin(self.apply(arguments))
    }
}

/// The signature of a handler: `fn(A, B) -> R`, of up to eight parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the signature of a handler",
    note = "write a function type of up to eight owned parameters: `Setup<fn(String) -> u64>`"
)]
pub trait HandlerSignature: 'static {
    /// The parameters, as a tuple.
    type Args: Send + 'static;
    /// The return type of the handler.
    type Returned: Send + 'static;
}

macro_rules! signatures {
    ($($count:literal: ($($name:ident $index:tt),*);)*) => {$(
        impl<Returned: Send + 'static, $($name: Send + 'static),*> HandlerSignature
            for fn($($name),*) -> Returned
        {
            type Args = ($($name,)*);
            type Returned = Returned;
        }
    )*};
}

tuples!(signatures);

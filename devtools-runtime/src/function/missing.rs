//! Wrappers that a declaration cannot have. They exist for the message of the compiler, which names the missing option.
//!
//! Nothing implements these traits, so a call of such a wrapper never compiles.

/// A type through which `F`, a function of the server, could be broadcast.
#[diagnostic::on_unimplemented(
    message = "`{F}` is a function of the server, and only functions of the client are broadcast",
    label = "the server does not call itself",
    note = "if panels implement the function, its attribute says so: `#[rpc_function(side = \"client\")]`"
)]
pub trait Broadcasts<F> {
    #[doc(hidden)]
    fn never<R>(self) -> R;
}

/// A type through which `F`, which has no body, could be invoked in this process.
#[diagnostic::on_unimplemented(
    message = "`{F}` is a declaration: it has no body that could run in this process",
    label = "the function runs elsewhere",
    note = "call it there with `{F}::call(..)`, or give it a body"
)]
pub trait Invokes<F> {
    #[doc(hidden)]
    fn never<R>(self) -> R;
}

/// Stands for a broadcast that does not compile.
pub fn not_broadcast<F, R>(through: impl Broadcasts<F>) -> R {
    through.never()
}

/// Stands for an invocation that does not compile.
pub fn not_invoked<F, R>(through: impl Invokes<F>) -> R {
    through.never()
}

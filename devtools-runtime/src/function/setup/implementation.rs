//! The trait of functions that are set up, and the types that their setups return.

use crate::function::error::BoxError;
use crate::function::identity::RpcFunction;
use crate::function::inject::{Injection, SharedScope};
use crate::function::not_run::NotRun;
use crate::function::probe::Probe;
use crate::function::returned::Returned;
use crate::function::setup::handler::Setup;
use crate::function::setup::signature::HandlerSignature;

/// The types that a setup may return: a [`Setup`], or a `Result` of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned by a setup",
    note = "return `Setup<..>`, or a `Result` of it with any error"
)]
pub trait IntoSetup<S: HandlerSignature> {
    /// Returns the setup, or the reason why there is none.
    ///
    /// # Errors
    ///
    /// Returns the error of the `Result`.
    fn into_setup(self) -> Result<Setup<S>, NotRun>;
}

impl<S: HandlerSignature> IntoSetup<S> for Setup<S> {
    fn into_setup(self) -> Result<Self, NotRun> {
        Ok(self)
    }
}

impl<S: HandlerSignature, E: SetupFailure> IntoSetup<S> for Result<Setup<S>, E> {
    fn into_setup(self) -> Result<Setup<S>, NotRun> {
        self.map_err(NotRun::setup)
    }
}

/// The types that a setup may fail with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a setup",
    label = "is no `std::error::Error`",
    note = "if the type is yours, implement `std::error::Error` for it: `#[derive(thiserror::Error)]`",
    note = "`SetupError` takes any error, and strings"
)]
pub trait SetupFailure: Into<BoxError> + 'static {}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + 'static> SetupFailure for E {}

/// An [`RpcFunction`] that is set up once per context.
///
/// [`#[rpc_function(setup)]`](macro@crate::rpc_function) implements this.
pub trait SetupImplementation: RpcFunction {
    /// The references the setup takes.
    const INJECTED: &'static [Injection];

    /// The handler's signature.
    type Signature: HandlerSignature<Args = Self::Args>;
    /// The return type of the handler, taken apart into output and error.
    type Returned: Returned<
            Written = <Self::Signature as HandlerSignature>::Returned,
            Output = Self::Output,
            Error = Self::Error,
        >;

    /// Runs the setup.
    fn set_up(
        scope: SharedScope,
    ) -> impl Future<Output = Result<Setup<Self::Signature>, NotRun>> + Send;
}

impl<F: SetupImplementation> Probe<F> {
    /// `true`: preferred to the constant of [`ProbeFallback`](crate::function::ProbeFallback).
    pub const IS_SET_UP: bool = true;
}

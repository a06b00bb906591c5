//! Functions that are set up once per context, and the types that their setups return.

mod slot;

use std::pin::Pin;

pub(crate) use self::slot::{per_context, run_local};
use crate::function::define::Apply;
use crate::function::dump_hook::WrittenDump;
use crate::function::error::BoxError;
use crate::function::identity::RpcFunction;
use crate::function::inject::{Injection, SharedScope};
use crate::function::not_run::NotRun;
use crate::function::probe::Probe;
use crate::function::returned::Returned;
use crate::function::started::Started;
use crate::function::tuples::tuples;
use crate::function::value_writer::ValueWriter;
use crate::mutex::Mutex;

/// The result of a function's setup: the handler of its calls. `S` is the signature of the handler, such as
/// `fn(String) -> u64`.
///
/// ```
/// use std::path::PathBuf;
///
/// use devtools_runtime::{DevToolsContext, Setup, rpc_function};
///
/// #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// struct Config {
///     root: PathBuf,
/// }
///
/// #[rpc_function(name = "my-plugin:get-config", kind = "static", setup)]
/// async fn get_config(ctx: &DevToolsContext) -> Setup<fn() -> Config> {
///     let config = Config { root: ctx.cwd().to_owned() };
///     Setup::handler(move || config.clone())
/// }
/// ```
#[must_use = "a setup does nothing until it is returned"]
pub struct Setup<S> {
    handler: Box<dyn SetupHandler<S>>,
    /// The lock is held to write the dump, whose values need not be `Sync`.
    dump: Mutex<Option<Box<dyn WriteDump<S>>>>,
}

/// The dump beside a handler. The bound is on the method, as for [`SetupHandler`].
pub(crate) trait WriteDump<S>: Send {
    /// Writes the dump. It can be written again.
    fn write(&mut self, writer: ValueWriter<S::Args, S::Returned>) -> Result<WrittenDump, BoxError>
    where
        S: HandlerSignature;
}

/// A handler without its type. The bound is on the method, so that a [`Setup`] of any type can be named and the compiler
/// reports a wrong signature only once.
trait SetupHandler<S>: Send + Sync {
    fn handle(&self, arguments: S::Args) -> Started<S::Returned>
    where
        S: HandlerSignature;
}

struct SyncSetupHandler<H>(H);

impl<S, H: HandlerOf<S>> SetupHandler<S> for SyncSetupHandler<H> {
    fn handle(&self, arguments: S::Args) -> Started<S::Returned>
    where
        S: HandlerSignature,
    {
        Started::Done(self.0.handle(arguments))
    }
}

struct AsyncSetupHandler<H>(H);

impl<S, H: AsyncHandlerOf<S>> SetupHandler<S> for AsyncSetupHandler<H> {
    fn handle(&self, arguments: S::Args) -> Started<S::Returned>
    where
        S: HandlerSignature,
    {
        Started::Running(self.0.handle(arguments))
    }
}

impl<S: HandlerSignature> Setup<S> {
    /// Handles the calls by a closure.
    pub fn handler(handler: impl HandlerOf<S>) -> Self {
        Self {
            handler: Box::new(SyncSetupHandler(handler)),
            dump: Mutex::new(None),
        }
    }

    /// Handles the calls by a closure that returns a future.
    pub fn async_handler(handler: impl AsyncHandlerOf<S>) -> Self {
        Self {
            handler: Box::new(AsyncSetupHandler(handler)),
            dump: Mutex::new(None),
        }
    }

    crate::setters! {
        /// Returns the setup with a dump.
        pub(crate) fn with_dump(dump: impl WriteDump<S> + 'static) { dump = Mutex::new(Some(Box::new(dump))) }
    }

    /// Returns whether there is a dump beside the handler.
    fn has_dump(&self) -> bool {
        let dump = self.dump.lock();
        dump.is_some()
    }

    /// Writes the dump beside the handler, if there is one.
    fn write_dump(
        &self,
        writer: ValueWriter<S::Args, S::Returned>,
    ) -> Result<Option<WrittenDump>, BoxError> {
        let mut dump = self.dump.lock();
        dump.as_mut().map(|dump| dump.write(writer)).transpose()
    }

    /// Begins a call.
    fn begin(&self, arguments: S::Args) -> Started<S::Returned> {
        self.handler.handle(arguments)
    }
}

crate::debug_impl! { <S> Setup<S> { .. } }

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

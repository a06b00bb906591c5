//! [`Setup`]: the handler that a setup returns, and the dump beside it.

use crate::function::dump_hook::WrittenDump;
use crate::function::error::BoxError;
use crate::function::setup::signature::{AsyncHandlerOf, HandlerOf, HandlerSignature};
use crate::function::started::Started;
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
    pub(super) fn has_dump(&self) -> bool {
        let dump = self.dump.lock();
        dump.is_some()
    }

    /// Writes the dump beside the handler, if there is one.
    pub(super) fn write_dump(
        &self,
        writer: ValueWriter<S::Args, S::Returned>,
    ) -> Result<Option<WrittenDump>, BoxError> {
        let mut dump = self.dump.lock();
        dump.as_mut().map(|dump| dump.write(writer)).transpose()
    }

    /// Begins a call.
    pub(super) fn begin(&self, arguments: S::Args) -> Started<S::Returned> {
        self.handler.handle(arguments)
    }
}

crate::debug_impl! { <S> Setup<S> { .. } }

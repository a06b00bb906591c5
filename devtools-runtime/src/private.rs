//! Support for the macros' expansions. Not public: nothing in here is covered by semver.

use std::fmt;

use crate::devtools::DevTools;
use crate::function::{CallError, Implementation, NotifyError, RpcFunction};
use crate::host::{self, Audience, BroadcastReply, DevToolsContext, RpcSession};
use crate::peer::{Caller, Dispatcher, Functions};

pub use crate::function::{
    Injection, IntoArgument, Probe, ProbeFallback, Registration, Returned, Returns, RpcFailure,
    Scope, SharedScope, inject,
};
pub use crate::peer::Peer;
pub use inventory;
pub use std::vec::Vec;

/// What the wrapper `call` does.
///
/// The future keeps the connection itself, so that it borrows nothing, in any edition.
pub fn call<F: RpcFunction, C: Caller>(
    through: &C,
    arguments: F::Args,
) -> impl Future<Output = Result<F::Output, CallError<F::Error>>> + Send + use<F, C> {
    through.peer().clone().call::<F>(arguments)
}

/// What the wrapper `call_optional` does.
pub fn call_optional<F: RpcFunction, C: Caller>(
    through: &C,
    arguments: F::Args,
) -> impl Future<Output = Result<Option<F::Output>, CallError<F::Error>>> + Send + use<F, C> {
    through.peer().clone().call_optional::<F>(arguments)
}

/// What the wrapper `notify` does.
pub fn notify<F: RpcFunction, C: Caller>(
    through: &C,
    arguments: F::Args,
) -> impl Future<Output = Result<(), NotifyError>> + Send + use<F, C> {
    through.peer().clone().notify::<F>(arguments)
}

/// What the wrapper `broadcast` of an event does.
pub fn broadcast<F: RpcFunction>(
    through: impl Into<Audience>,
    arguments: F::Args,
) -> impl Future<Output = Result<usize, NotifyError>> + Send {
    std::future::ready(host::broadcast_event::<F>(through.into(), &arguments))
}

/// What the wrapper `broadcast` of any other function does.
pub fn broadcast_call<F: RpcFunction>(
    through: impl Into<Audience>,
    arguments: F::Args,
) -> impl Future<Output = Vec<BroadcastReply<F>>> + Send {
    host::broadcast_call::<F>(through.into(), &arguments)
}

/// What the wrapper `invoke_local` does.
pub fn invoke_local<F: Implementation>(
    through: &DevToolsContext,
    arguments: F::Args,
) -> impl Future<Output = Result<F::Output, CallError<F::Error>>> + Send + use<F> {
    host::invoke_local::<F>(through.clone(), arguments)
}

/// Dispatch alone, without a connection: for the benches.
pub struct DispatchBench(Dispatcher);

impl DispatchBench {
    /// Dispatches to the functions of `devtools`.
    pub fn new(devtools: &DevTools) -> Self {
        let context = devtools.context();
        let scope = context.scope_of(RpcSession::local());
        let functions = Functions::new(context.functions().subscribe(), scope);
        Self(Dispatcher::new(functions, context.limits()))
    }

    /// The reply to a request, if it is ready at once.
    pub fn dispatch(&mut self, frame: &str) -> Option<String> {
        self.0.answer(frame)
    }
}

impl fmt::Debug for DispatchBench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DispatchBench").finish_non_exhaustive()
    }
}

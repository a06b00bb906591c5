//! The slot in which a context keeps the setup of a function.
//!
//! A registry makes a [`SetupSlot`] for each function that is set up, so each context has its own. The first call starts the setup in
//! a task of the slot. The task goes on if that call is dropped, and calls that arrive meanwhile wait for the same run. If the
//! setup fails, all of them get its error, and the next call starts a new run. After the first success a call takes no lock.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use crate::function::definition::FunctionDefinition;
use crate::function::error::CallError;
use crate::function::failed_call::FailedCall;
use crate::function::inject::SharedScope;
use crate::function::invoke::{LocalCall, TimeLimit};
use crate::function::kind::FunctionKind;
use crate::function::not_run::NotRun;
use crate::function::per_context::{DumpOption, PerContext};
use crate::function::reply::Call;
use crate::function::setup::handler::Setup;
use crate::function::setup::implementation::SetupImplementation;
use crate::function::setup::signature::HandlerSignature;
use crate::function::shape::{Shape, ShapeOf};
use crate::function::started::Started;
use crate::mutex::Mutex;
use crate::wire::Encoding;

/// The error of a setup that returns a dump for a function that is not a query.
#[derive(Debug, thiserror::Error)]
#[error(
    "only a query is dumped by choice, and `{name}` is of the kind `{kind}`: remove `.dump(..)` from \
     its setup"
)]
struct NeverDumped {
    name: &'static str,
    kind: FunctionKind,
}

/// Makes the state that one context keeps for `F`.
pub(crate) fn per_context<F: SetupImplementation>(option: DumpOption) -> PerContext {
    let slot = Arc::new(SetupSlot::<F::Signature> {
        name: F::NAME,
        kind: F::KIND,
        option,
        set_up: |scope| Box::pin(F::set_up(scope)),
        ready: OnceLock::new(),
        run: Mutex::new(None),
    });
    let dumped = Arc::clone(&slot);
    PerContext {
        slot: Arc::clone(&slot) as _,
        dump: Arc::new(move |scope| {
            let slot = Arc::clone(&dumped);
            Box::pin(async move {
                let setup = slot.setup(scope).await;
                let setup = setup.map_err(NotRun::into_build_error)?;
                setup.write_dump(ShapeOf::<F, F::Returned>::WRITER)
            })
        }),
        handler: Arc::new(move |call| start::<F>(&slot, call)),
    }
}

/// Begins a call of `F`.
fn start<F: SetupImplementation>(slot: &Arc<SetupSlot<F::Signature>>, call: Call<'_>) -> Started {
    let Call {
        scope,
        arguments,
        reply,
    } = call;
    let shape = ShapeOf::<F, F::Returned>::SHAPE;
    let read = const {
        match F::ENCODING {
            Encoding::Json => Shape::<F::Args, F::Returned>::read::<true>,
            Encoding::StructuredClone => Shape::<F::Args, F::Returned>::read::<false>,
        }
    };
    let arguments = match read(shape, arguments) {
        Ok(arguments) => arguments,
        Err(misfit) => return Started::Done(reply.error(&misfit)),
    };
    let ending = shape.ending(reply, Some(scope));
    let Some(setup) = slot.ready.get() else {
        let run = Arc::clone(slot).call(SharedScope::clone(scope), arguments);
        return Started::Running(Box::pin(async move { ending.finish(run.await) }));
    };
    match setup.begin(arguments) {
        Started::Done(returned) => Started::Done(ending.finish(Ok(returned))),
        Started::Running(running) | Started::Waiting(running) => {
            Started::Running(Box::pin(async move { ending.finish(Ok(running.await)) }))
        }
    }
}

/// Calls `F` in this process, with the slot of its context.
pub(crate) async fn run_local<F: SetupImplementation>(
    slot: Arc<dyn Any + Send + Sync>,
    function: FunctionDefinition,
    scope: SharedScope,
    limit: Option<TimeLimit>,
    arguments: F::Args,
) -> Result<F::Output, CallError<F::Error>> {
    let Ok(slot) = slot.downcast::<SetupSlot<F::Signature>>() else {
        return Err(CallError::UnknownFunction(F::NAME.to_owned()));
    };
    let call = LocalCall {
        shape: ShapeOf::<F, F::Returned>::SHAPE,
        function,
        scope,
        limit,
    };
    let begin = move |scope: &SharedScope, arguments| {
        Started::Running(Box::pin(slot.call(SharedScope::clone(scope), arguments)))
    };
    call.run(arguments, begin).await
}

/// The slot of one function in one context.
struct SetupSlot<S: HandlerSignature> {
    name: &'static str,
    kind: FunctionKind,
    option: DumpOption,
    set_up: fn(SharedScope) -> SettingUp<S>,
    ready: OnceLock<Arc<Setup<S>>>,
    /// The current or last run. The lock is held to look at it and to start a new one.
    run: Mutex<Option<SetupRun<S>>>,
}

type SettingUp<S> = Pin<Box<dyn Future<Output = Result<Setup<S>, NotRun>> + Send>>;

/// One run of a setup. Its task is aborted when the slot is dropped.
struct SetupRun<S: HandlerSignature> {
    /// The result. `None` while the setup runs.
    outcome: watch::Receiver<Option<SetupResult<S>>>,
    _task: AbortOnDropHandle<()>,
}

type SetupResult<S> = Result<Arc<Setup<S>>, NotRun>;

impl<S: HandlerSignature> SetupSlot<S> {
    async fn call(
        self: Arc<Self>,
        scope: SharedScope,
        arguments: S::Args,
    ) -> Result<S::Returned, NotRun> {
        Ok(self.setup(scope).await?.begin(arguments).end().await)
    }

    /// Waits for the result of the setup.
    async fn setup(&self, scope: SharedScope) -> Result<&Setup<S>, NotRun> {
        if let Some(ready) = self.ready.get() {
            return Ok(ready);
        }
        let mut run = self.join(scope);
        let outcome = match run.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        let setup = outcome.unwrap_or(Err(NotRun::Stopped))?;
        Ok(self.ready.get_or_init(|| setup))
    }

    /// Returns the run to wait for. Starts a new one if the last one has failed.
    fn join(&self, scope: SharedScope) -> watch::Receiver<Option<SetupResult<S>>> {
        let mut last = self.run.lock();
        if let Some(run) = last.as_ref().filter(|run| run.is_good()) {
            return run.outcome.clone();
        }
        let (sender, outcome) = watch::channel(None);
        let call = FailedCall::of(self.name).in_scope(&*scope);
        let setting_up = (self.set_up)(scope);
        let (name, kind, option) = (self.name, self.kind, self.option);
        let task = tokio::spawn(async move {
            let setup = caught(setting_up, call).await;
            let setup = setup.and_then(|setup| {
                check_dump(setup.has_dump(), name, kind, option)?;
                Ok(Arc::new(setup))
            });
            let setup = setup.map_err(|not_run| not_run.concealed(call));
            sender.send_replace(Some(setup));
        });
        *last = Some(SetupRun {
            outcome: outcome.clone(),
            _task: AbortOnDropHandle::new(task),
        });
        outcome
    }
}

impl<S: HandlerSignature> SetupRun<S> {
    /// Returns whether the run has not failed.
    fn is_good(&self) -> bool {
        match &*self.outcome.borrow() {
            Some(outcome) => outcome.is_ok(),
            // Without a sender there will be no result.
            None => self.outcome.has_changed().is_ok(),
        }
    }
}

/// Refuses a dump of a function that is not a query. Warns about a dump that hides the option `dump`.
fn check_dump(
    has_dump: bool,
    name: &'static str,
    kind: FunctionKind,
    option: DumpOption,
) -> Result<(), NotRun> {
    if !has_dump {
        return Ok(());
    }
    if kind != FunctionKind::Query {
        return Err(NotRun::wrong_setup(NeverDumped { name, kind }));
    }
    if option == DumpOption::Given {
        tracing::warn!(
            rpc.method = name,
            "`{name}` has two dumps: that of its setup wins over the option `dump`, which can be removed"
        );
    }
    Ok(())
}

/// Runs a setup, and turns its panic into an error.
async fn caught<S: HandlerSignature>(
    setting_up: SettingUp<S>,
    call: FailedCall<'static>,
) -> Result<Setup<S>, NotRun> {
    let set_up = AssertUnwindSafe(setting_up).catch_unwind().await;
    set_up.unwrap_or_else(|payload| Err(NotRun::setup_panicked(call, &*payload)))
}

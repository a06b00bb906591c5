//! The handle of one worker, through which the program calls it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{
    CallError, FunctionInfo, Positional, RpcFunction, SerdeOutput, current_traceparent,
};
use crate::host::context::DevToolsContext;
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::directory::{Directory, Worker};
use crate::host::fleet::workers::forward::forward;
use crate::host::rpc::RpcHost;
use crate::peer::{Frame, Reply};
use crate::wire::{self, Encoding};

/// A worker, from [`RpcHost::workers`](crate::context::RpcHost::workers): a process that runs functions for the clients of this one.
///
/// Calls of clients go to any worker that offers the function. Calls through this handle go to this one, for instance
/// to ask each worker for its state, or because one of them holds the data. They are calls of the program itself: they
/// have every role, and pass the layers of the worker, but not those of this process.
///
/// ```
/// use devtools_runtime::{CallError, DevToolsContext, rpc_function};
///
/// /// Returns the number of jobs that wait. The workers implement it.
/// #[rpc_function(name = "docs-of-worker:queue-length")]
/// async fn queue_length() -> u32;
///
/// /// Returns the number of jobs that wait on each worker.
/// async fn lengths(ctx: &DevToolsContext) -> Result<Vec<(String, u32)>, CallError> {
///     let mut lengths = Vec::new();
///     for worker in ctx.rpc().workers() {
///         let name = worker.name().unwrap_or(worker.process()).to_owned();
///         lengths.push((name, worker.call::<QueueLength>(()).await?));
///     }
///     Ok(lengths)
/// }
/// ```
#[derive(Clone)]
pub struct FleetWorker {
    context: DevToolsContext,
    worker: Arc<Worker>,
}

impl FleetWorker {
    pub(super) fn new(context: &DevToolsContext, worker: Arc<Worker>) -> Self {
        Self {
            context: context.clone(),
            worker,
        }
    }

    /// Returns the name of the process. No other process has or had it.
    pub fn process(&self) -> &str {
        &self.worker.process
    }

    /// Returns the [name](crate::DevToolsBuilder::process_name) that the program has given to the process.
    pub fn name(&self) -> Option<&str> {
        self.worker.name.as_deref()
    }

    /// Returns the functions that the worker offers, sorted by name, with their schemas.
    pub fn functions(&self) -> Vec<FunctionInfo> {
        let offers = self.worker.offers.values();
        let mut functions: Vec<_> = offers.map(|it| it.info.clone()).collect();
        functions.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        functions
    }

    /// Returns the number of calls of this process that the worker runs now.
    pub fn calls_in_flight(&self) -> usize {
        self.worker.in_flight.load(Ordering::Relaxed)
    }

    /// Calls `F` on this worker.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if the worker does not offer `F`, and the error of the function as from any other call.
    /// [`CallError::Remote`] also has the code of a [lost call](crate::DevToolsBuilder::use_workers), such as
    /// `no-worker` if the worker has ended or drains. No other worker is tried.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the worker drops a query, and runs an action to its end.
    pub async fn call<F: RpcFunction>(
        &self,
        arguments: F::Args,
    ) -> Result<F::Output, CallError<F::Error>> {
        let output = self.output::<F>(arguments).await;
        output.map_err(|error| CallError::typed(error, &F::FAILURE))
    }

    async fn output<F: RpcFunction>(&self, arguments: F::Args) -> Result<F::Output, CallError> {
        let (reply, encoding) = self.reply(F::NAME, &Positional(&arguments)).await?;
        let output: SerdeOutput<F::Output> = reply.read(F::NAME, encoding)?;
        Ok(output.0)
    }

    /// Calls a function of this worker by its name. `arguments` is a tuple, or another value that serializes as an array.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), but an error of the function is [`CallError::Remote`].
    ///
    /// # Cancel safety
    ///
    /// As [`call`](Self::call).
    pub async fn call_dynamic<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: impl Serialize,
    ) -> Result<T, CallError> {
        let (reply, encoding) = self.reply(function, &arguments).await?;
        reply.read(function, encoding)
    }

    /// Returns the reply of the worker and its codec.
    async fn reply(
        &self,
        function: &str,
        arguments: &impl Serialize,
    ) -> Result<(Reply, Encoding), CallError> {
        let unknown = || CallError::UnknownFunction(function.to_owned());
        let offer = self.worker.offers.get(function).ok_or_else(unknown)?;
        let encoding = offer.info.encoding;
        let arguments =
            wire::arguments(encoding, arguments).map_err(|error| CallError::Encode {
                function: function.to_owned(),
                source: error.into(),
            })?;
        let call = Box::new(WorkCall {
            function: function.to_owned(),
            fingerprint: offer.fingerprint.clone(),
            is_structured: encoding == Encoding::StructuredClone,
            id: "1".to_owned(),
            number: None,
            milliseconds: 0,
            roles: None,
            token_name: None,
            traceparent: current_traceparent(),
        });
        let only = Some(self.process());
        let frame = forward(&self.context, offer.info.kind, call, arguments.into(), only).await;
        let frame = Frame::from_utf8(frame.map_err(CallError::Remote)?);
        let frame = frame.ok_or_else(|| CallError::Decode {
            function: function.to_owned(),
            source: "the reply is no text".into(),
        })?;
        Ok((Reply::of(frame), encoding))
    }
}

crate::debug_impl! { FleetWorker as it { process: it.worker.process, name: it.worker.name, .. } }

impl RpcHost<'_> {
    /// Returns the workers that this process knows now, sorted by the names of their processes. Empty unless this process [uses
    /// workers](crate::DevToolsBuilder::use_workers).
    pub fn workers(self) -> Vec<FleetWorker> {
        let directory = self.context().own_state::<Directory>();
        let mut workers = directory.workers();
        workers.retain(|it| !it.offers.is_empty());
        workers.sort_unstable_by(|a, b| a.process.cmp(&b.process));
        let workers = workers.into_iter();
        workers
            .map(|it| FleetWorker::new(self.context(), it))
            .collect()
    }
}

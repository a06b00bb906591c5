//! The span of a call, its metrics, and the warnings about calls that are slow or block their session.
//!
//! A call is traced only if a subscriber takes the span, or an option asks for metrics or a warning.

use std::time::{Duration, Instant};

use tracing::{Span, field::Empty};

use crate::function::definition::FunctionDefinition;
use crate::function::error::RemoteError;
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::inject::SharedScope;
use crate::function::invoke::call_outcome::CallOutcome;
#[cfg(feature = "metrics")]
use crate::function::invoke::metrics::Measured;
use crate::function::invoke::origin::CallOrigin;
use crate::function::propagation;
use crate::function::reply::Call;

/// The trace of a call. If it is dropped before the call has ended, it reports that the call was cancelled.
pub(super) struct CallTrace {
    span: Span,
    began: Instant,
    slow: Option<Duration>,
    function: FunctionDefinition,
    #[cfg(feature = "metrics")]
    measured: Option<Measured>,
    has_ended: bool,
}

/// The end of a call, for its trace.
#[derive(Clone, Copy)]
pub(super) enum CallEnd<'a> {
    /// The size of the reply, if it is text.
    Success(Option<usize>),
    Failure(&'a RemoteError, Option<ExceededLimit>),
}

impl CallTrace {
    /// Begins the trace of a call. `None` if no subscriber and no option asks for one.
    pub(super) fn begin(
        function: &FunctionDefinition,
        call: &Call<'_>,
        parent: Option<&str>,
    ) -> Option<Self> {
        let origin = || CallOrigin::of(&**call.scope, &call.reply);
        let bytes = Some(call.arguments.len());
        Self::of(function, call.scope, origin, bytes, parent)
    }

    /// Begins the trace of a call of the program itself whose arguments are values. `None` if no subscriber and no
    /// option asks for one.
    pub(super) fn of_values(function: &FunctionDefinition, scope: &SharedScope) -> Option<Self> {
        Self::of(function, scope, || CallOrigin::Program, None, None)
    }

    /// Begins the trace of a call of `scope`. `bytes` is the size of the arguments, if they are text, and `parent` the `traceparent`
    /// of the caller.
    #[cfg_attr(
        not(feature = "metrics"),
        expect(unused_variables, reason = "only metrics ask where a call comes from")
    )]
    fn of(
        function: &FunctionDefinition,
        scope: &SharedScope,
        origin: impl FnOnce() -> CallOrigin,
        bytes: Option<usize>,
        parent: Option<&str>,
    ) -> Option<Self> {
        let slow = scope.warnings().slow;
        let wants_span = tracing::enabled!(target: "devtools_runtime::call", tracing::Level::DEBUG);
        #[cfg(feature = "metrics")]
        let is_measured = scope.is_measured(function.name());
        #[cfg(not(feature = "metrics"))]
        let is_measured = false;
        if !wants_span && !is_measured && slow.is_none() {
            return None;
        }
        let (name, session) = (function.name(), scope.session().filter(|id| *id != 0));
        let service = name.split_once(':').map(|(service, _)| service);
        let span = tracing::debug_span!(
            target: "devtools_runtime::call",
            "call",
            otel.name = name,
            otel.kind = if session.is_some() { "server" } else { "internal" },
            otel.status_code = Empty,
            rpc.system = "devtools",
            rpc.service = service,
            rpc.method = name,
            rpc.kind = function.kind().as_str(),
            rpc.request.size = bytes,
            rpc.response.size = Empty,
            session,
            outcome = Empty,
            "error.type" = Empty,
            duration_ms = Empty,
        );
        if let Some(parent) = parent {
            propagation::extract(&span, parent);
        }
        Some(Self {
            span,
            began: Instant::now(),
            slow,
            function: function.clone(),
            #[cfg(feature = "metrics")]
            measured: is_measured
                .then(|| Measured::begin(function, scope, origin()))
                .flatten(),
            has_ended: false,
        })
    }

    /// Runs a part of the call within its span.
    pub(super) fn enter<T>(&self, run: impl FnOnce() -> T) -> T {
        self.span.in_scope(run)
    }

    /// Reports the end of the call.
    pub(super) fn end(mut self, end: CallEnd<'_>) {
        match end {
            CallEnd::Success(bytes) => {
                self.span.record("rpc.response.size", bytes);
                self.told(CallOutcome::Success, None);
            }
            CallEnd::Failure(error, over) => {
                let outcome = match over {
                    Some(ExceededLimit::Time) => CallOutcome::Timeout,
                    Some(ExceededLimit::ReplyBytes) | None => CallOutcome::Error,
                };
                self.told(outcome, Some(error.code.as_deref().unwrap_or(&error.name)));
            }
        }
    }

    fn told(&mut self, outcome: CallOutcome, error: Option<&str>) {
        self.has_ended = true;
        let took = self.began.elapsed();
        #[cfg(feature = "metrics")]
        if let Some(measured) = self.measured.take() {
            measured.end(outcome, took);
        }
        self.span.record("outcome", outcome.as_str());
        self.span.record("duration_ms", took.as_secs_f64() * 1e3);
        if let Some(error) = error {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", error);
        }
        if self.slow.is_some_and(|limit| took >= limit) {
            let limit = self.slow;
            self.span.in_scope(|| {
                tracing::warn!(
                    rpc.method = self.function.name(),
                    outcome = outcome.as_str(),
                    ?took,
                    ?limit,
                    "a call was slow"
                );
            });
        }
    }
}

impl Drop for CallTrace {
    fn drop(&mut self) {
        if !self.has_ended {
            self.told(CallOutcome::Cancelled, None);
        }
    }
}

/// Runs a part of a call of `function`, with its layers, and warns if it holds its thread for `limit` or longer.
pub(super) fn timed<T>(limit: Option<Duration>, function: &str, run: impl FnOnce() -> T) -> T {
    let Some(limit) = limit else { return run() };
    let began = Instant::now();
    let done = run();
    let took = began.elapsed();
    if took >= limit {
        tracing::warn!(
            rpc.method = function,
            ?took,
            ?limit,
            "a call held its thread, and with it the other calls of its session: make the function `blocking`, or use `spawn_blocking`"
        );
    }
    done
}

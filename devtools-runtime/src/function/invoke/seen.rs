//! What is told of a call while it runs: a span, metrics, and warnings about calls that are slow or hold their session up.
//!
//! Nothing of it is made unless somebody wants it: a subscriber that takes the span, or an option that asks for metrics or a warning.

use std::time::{Duration, Instant};

use tracing::{Span, field::Empty};

use crate::function::definition::FunctionDefinition;
use crate::function::error::RemoteError;
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::inject::SharedScope;
#[cfg(feature = "metrics")]
use crate::function::invoke::metrics::Measured;
use crate::function::invoke::origin::CallOrigin;
use crate::function::propagation;
use crate::function::reply::Call;

/// A call that somebody watches. Dropping it before it has ended says that it was cancelled.
pub(super) struct Seen {
    span: Span,
    began: Instant,
    slow: Option<Duration>,
    function: FunctionDefinition,
    #[cfg(feature = "metrics")]
    measured: Option<Measured>,
    has_ended: bool,
}

/// How a call has ended, for those who watch it.
#[derive(Clone, Copy)]
pub(super) enum End<'a> {
    /// With a reply of so many bytes, if it is text.
    Success(Option<usize>),
    Failure(&'a RemoteError, Option<ExceededLimit>),
}

impl Seen {
    /// Begins to watch a call, if anybody wants that.
    pub(super) fn begin(
        function: &FunctionDefinition,
        call: &Call<'_>,
        parent: Option<&str>,
    ) -> Option<Self> {
        let origin = || CallOrigin::of(&**call.scope, &call.reply);
        let bytes = Some(call.arguments.len());
        Self::of(function, call.scope, origin, bytes, parent)
    }

    /// Begins to watch a call of the program itself whose arguments are values, if anybody wants that.
    pub(super) fn of_values(function: &FunctionDefinition, scope: &SharedScope) -> Option<Self> {
        Self::of(function, scope, || CallOrigin::Program, None, None)
    }

    /// Begins to watch a call of `scope` whose arguments have so many bytes, if they are text. `parent` is the `traceparent` of its
    /// caller.
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
            measured: is_measured.then(|| Measured::begin(function, origin())),
            has_ended: false,
        })
    }

    /// Runs a part of the call within its span.
    pub(super) fn enter<T>(&self, run: impl FnOnce() -> T) -> T {
        self.span.in_scope(run)
    }

    /// Tells of the end.
    pub(super) fn end(mut self, end: End<'_>) {
        match end {
            End::Success(bytes) => {
                self.span.record("rpc.response.size", bytes);
                self.told("ok", None);
            }
            End::Failure(error, over) => {
                let outcome = match over {
                    Some(ExceededLimit::Time) => "timeout",
                    Some(ExceededLimit::ReplyBytes) | None => "error",
                };
                self.told(outcome, Some(error.code.as_deref().unwrap_or(&error.name)));
            }
        }
    }

    fn told(&mut self, outcome: &'static str, error: Option<&str>) {
        self.has_ended = true;
        let took = self.began.elapsed();
        #[cfg(feature = "metrics")]
        if let Some(measured) = self.measured.take() {
            measured.end(outcome, took);
        }
        self.span.record("outcome", outcome);
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
                    outcome,
                    ?took,
                    ?limit,
                    "a call was slow"
                );
            });
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if !self.has_ended {
            self.told("cancelled", None);
        }
    }
}

/// Runs a part of a call of `function`, and warns if it does not give its thread back within `limit`.
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
            "a function held its thread, and with it the calls of its session: make it `blocking`, or use `spawn_blocking`"
        );
    }
    done
}

//! A call that passes layers. Its arguments are copied, because a layer may wait before it lets the call go on.

use std::sync::Arc;

use crate::function::definition::FunctionDefinition;
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::FailedCall;
use crate::function::inject::SharedScope;
use crate::function::invoke::clock::Clock;
use crate::function::invoke::ended::EndedCall;
use crate::function::invoke::guarded::{Deadline, GuardedCall};
use crate::function::invoke::invocation::Invocation;
use crate::function::invoke::layer::{
    CallFailure, CallSuccess, FailureReason, Innermost, LayerCall, LayerFn, LayerResult, Next,
};
use crate::function::invoke::origin::CallOrigin;
use crate::function::invoke::time_limit::TimeLimit;
use crate::function::invoke::waiting::WaitingCall;
use crate::function::reply::{Call, Observed, ReplyText, ReplyTo};
use crate::function::started::{RunningCall, Started};

impl Invocation<'_> {
    /// Begins the outermost layer.
    pub(super) fn begin_layers(
        self,
        call: Call<'_>,
        layers: Vec<LayerFn>,
    ) -> Started<EndedCall, WaitingCall> {
        let Call {
            scope,
            arguments,
            reply,
        } = call;
        let limit = TimeLimit::of(self.function, self.limits.handler_timeout);
        let clock = Arc::new(Clock::new(limit));
        let passing = LayerCall {
            function: self.function.clone(),
            scope: SharedScope::clone(scope),
            origin: CallOrigin::of(&**scope, &reply),
            is_event: matches!(reply.innermost(), ReplyTo::Nobody),
            arguments_bytes: Some(arguments.len()),
            clock: Arc::clone(&clock),
            extensions: http::Extensions::new(),
        };
        let observed = Arc::new(Observed::new(reply));
        let reply = ReplyTo::Observed(Arc::clone(&observed));
        let (arguments, limits, inner) = (arguments.to_owned(), self.limits, reply.clone());
        let function: Innermost = Box::new(move |call| {
            Box::pin(async move {
                let invocation = Invocation {
                    function: &call.function,
                    limits,
                    parent: None,
                };
                let deadline = Deadline::Function(Arc::clone(&call.clock));
                let begun = arguments.with(|arguments| {
                    let call = Call {
                        scope: &call.scope,
                        arguments,
                        reply: inner.clone(),
                    };
                    invocation.begin_function(call, deadline)
                });
                let ended = match begun {
                    Ok(started) => started.end().await,
                    Err(error) => EndedCall::within(None, inner.clone(), inner.error(&error)),
                };
                result(&observed, ended)
            })
        });
        let next = Next { layers, function };
        let ending = reply.clone();
        let running: RunningCall = Box::pin(async move { outcome(next, passing, &ending).await });
        let mut waiting = WaitingCall {
            running: GuardedCall::new(running, Deadline::Layers(clock)),
            function: self.function.owned_name(),
            failed: FailedCall::default().in_scope(&**scope),
            reply,
            // The size of the function's reply was checked already, and a layer can only reply with an error.
            reply_bytes: None,
            only_waits: false,
            blocking: scope.warnings().blocking,
            traced: None,
        };
        match waiting.running.poll_in_place() {
            std::task::Poll::Ready(ended) => Started::Done(waiting.end(ended)),
            std::task::Poll::Pending => Started::Waiting(waiting),
        }
    }
}

/// Returns the result that the layers see.
fn result(observed: &Observed, ended: EndedCall) -> LayerResult {
    observed.exceed(ended.over);
    match observed.failure() {
        None => Ok(CallSuccess {
            outcome: ended.outcome,
        }),
        Some(error) => Err(CallFailure {
            error: Box::new(error),
            reason: match ended.over {
                Some(ExceededLimit::Time) => FailureReason::TimedOut,
                Some(ExceededLimit::ReplyBytes) | None => FailureReason::Function,
            },
            written: Some(ended.outcome),
        }),
    }
}

/// Passes the layers. The caller receives the error that they return.
async fn outcome(next: Next, call: LayerCall, reply: &ReplyTo) -> ReplyText {
    let (function, session) = (call.function.clone(), call.scope.session());
    let failure = match next.run(call).await {
        Ok(success) => return success.outcome,
        Err(failure) => failure,
    };
    if let Some(outcome) = failure.written {
        return outcome;
    }
    log_refusal(&function, session, &failure);
    reply.error(&*failure.error)
}

/// Logs that a layer has refused a call.
pub(super) fn log_refusal(
    function: &FunctionDefinition,
    session: Option<u64>,
    failure: &CallFailure,
) {
    tracing::info!(
        rpc.method = function.name(),
        session,
        code = failure.error.code.as_deref(),
        message = failure.error.message,
        "a layer refused a call"
    );
}

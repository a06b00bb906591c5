//! The beginning of a call: its span, its layers, and then the function.

use std::sync::Arc;

use crate::function::invoke::ended::EndedCall;
use crate::function::invoke::guarded::Deadline;
use crate::function::invoke::invocation::Invocation;
use crate::function::invoke::layers::layers_of;
use crate::function::invoke::time_limit::TimeLimit;
use crate::function::invoke::trace::{CallTrace, timed};
use crate::function::invoke::traced_call::TracedCall;
use crate::function::invoke::waiting::WaitingCall;
use crate::function::reply::{Call, Observed, ReplyTo};
use crate::function::started::Started;

impl Invocation<'_> {
    /// Begins the call. A call that does not wait also ends here.
    pub(crate) fn begin(self, call: Call<'_>) -> Started<EndedCall, WaitingCall> {
        match CallTrace::begin(self.function, &call, self.parent) {
            None => self.begin_untraced(call),
            Some(trace) => self.begin_traced(call, trace),
        }
    }

    /// Begins the call within its span.
    fn begin_traced(self, mut call: Call<'_>, trace: CallTrace) -> Started<EndedCall, WaitingCall> {
        let observed = Arc::new(Observed::new(call.reply));
        call.reply = ReplyTo::Observed(Arc::clone(&observed));
        let traced = TracedCall { trace, observed };
        match traced.trace.enter(|| self.begin_untraced(call)) {
            Started::Done(ended) => {
                traced.end(&ended);
                Started::Done(ended)
            }
            Started::Running(waiting) | Started::Waiting(waiting) => {
                Started::Waiting(WaitingCall {
                    traced: Some(Box::new(traced)),
                    ..waiting
                })
            }
        }
    }

    fn begin_untraced(self, call: Call<'_>) -> Started<EndedCall, WaitingCall> {
        let layers = layers_of(self.function, call.scope);
        let blocking = call.scope.warnings().blocking;
        timed(blocking, self.function.name(), || {
            if layers.is_empty() {
                let limit = TimeLimit::of(self.function, self.limits.handler_timeout);
                self.begin_function(call, Deadline::Fixed(limit))
            } else {
                self.begin_layers(call, layers)
            }
        })
    }
}

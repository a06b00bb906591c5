//! A call of a function whose arguments and reply are text.

use std::task::Poll;
use std::time::Duration;

use crate::function::definition::FunctionDefinition;
use crate::function::failed_call::FailedCall;
use crate::function::invoke::ended::Ended;
use crate::function::invoke::guarded::{Bound, Guarded, caught};
use crate::function::invoke::role;
use crate::function::invoke::seen::timed;
use crate::function::invoke::waiting::Waiting;
use crate::function::reply::Call;
use crate::function::started::Started;

/// The bounds that all calls have of one who calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallLimits {
    /// How long a handler may take that waits.
    pub(crate) handler_timeout: Option<Duration>,
    /// The largest reply in bytes.
    pub(crate) reply_bytes: Option<usize>,
}

/// One call of a function, from its arguments to its outcome.
#[derive(Clone, Copy)]
pub(crate) struct Invocation<'a> {
    pub(crate) function: &'a FunctionDefinition,
    pub(crate) limits: CallLimits,
    /// The `traceparent` that the caller sent, if it sent one.
    pub(crate) parent: Option<&'a str>,
}

impl Invocation<'_> {
    /// Begins the function itself, which has this time.
    pub(super) fn begin_function(self, call: Call<'_>, bound: Bound) -> Started<Ended, Waiting> {
        let (reply, scope) = (call.reply.clone(), call.scope);
        let blocking = scope.warnings().blocking;
        let started = caught(|| match role::refusal(self.function, &call) {
            None => timed(blocking, self.function.name(), || self.function.begin(call)),
            Some(outcome) => Started::Done(outcome),
        });
        let (running, was_polled) = match started {
            Ok(Started::Done(outcome)) => {
                return Started::Done(Ended::within(self.limits.reply_bytes, reply, outcome));
            }
            Ok(Started::Running(running)) => (running, false),
            Ok(Started::Waiting(running)) => (running, true),
            Err(panic) => {
                let failed = FailedCall::of(self.function.name()).in_scope(&**scope);
                let outcome = reply.panic(failed, &*panic);
                return Started::Done(Ended::within(self.limits.reply_bytes, reply, outcome));
            }
        };
        let mut waiting = Waiting {
            running: Guarded::new(running, bound),
            function: self.function.owned_name(),
            failed: FailedCall::default().in_scope(&**scope),
            reply,
            reply_bytes: self.limits.reply_bytes,
            blocking,
            watch: None,
        };
        if !was_polled {
            if let Poll::Ready(ended) = waiting.running.poll_in_place() {
                return Started::Done(waiting.end(ended));
            }
        }
        Started::Waiting(waiting)
    }
}

//! A call of a function whose arguments and reply are text.

use std::task::Poll;
use std::time::Duration;

use crate::function::definition::FunctionDefinition;
use crate::function::failed_call::FailedCall;
use crate::function::invoke::ended::EndedCall;
use crate::function::invoke::guarded::{Deadline, GuardedCall, caught};
use crate::function::invoke::role;
use crate::function::invoke::waiting::WaitingCall;
use crate::function::reply::Call;
use crate::function::started::Started;

/// The limits of all calls of one caller.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CallLimits {
    /// The longest time that a handler may wait.
    pub(crate) handler_timeout: Option<Duration>,
    /// The largest reply in bytes.
    pub(crate) reply_bytes: Option<usize>,
}

/// One call of a function, from the text of its arguments to the text of its reply.
#[derive(Clone, Copy)]
pub(crate) struct Invocation<'a> {
    pub(crate) function: &'a FunctionDefinition,
    pub(crate) limits: CallLimits,
    /// The `traceparent` that the caller sent.
    pub(crate) parent: Option<&'a str>,
}

impl Invocation<'_> {
    /// Begins the function itself.
    pub(super) fn begin_function(
        self,
        call: Call<'_>,
        deadline: Deadline,
    ) -> Started<EndedCall, WaitingCall> {
        let (reply, scope) = (call.reply.clone(), call.scope);
        let started = caught(|| match role::refusal(self.function, &call) {
            None => self.function.begin(call),
            Some(outcome) => Started::Done(outcome),
        });
        let (running, was_polled) = match started {
            Ok(Started::Done(outcome)) => {
                return Started::Done(EndedCall::within(self.limits.reply_bytes, reply, outcome));
            }
            Ok(Started::Running(running)) => (running, false),
            Ok(Started::Waiting(running)) => (running, true),
            Err(panic) => {
                let failed = FailedCall::of(self.function.name()).in_scope(&**scope);
                let outcome = reply.panic(failed, &*panic);
                return Started::Done(EndedCall::within(self.limits.reply_bytes, reply, outcome));
            }
        };
        let blocking = match deadline {
            // The layers around the function are polled with it, and timed.
            Deadline::Function(_) => None,
            Deadline::Fixed(_) | Deadline::Layers(_) => scope.warnings().blocking,
        };
        let mut waiting = WaitingCall {
            running: GuardedCall::new(running, deadline),
            function: self.function.owned_name(),
            failed: FailedCall::default().in_scope(&**scope),
            reply,
            reply_bytes: self.limits.reply_bytes,
            only_waits: self.function.forwards(),
            blocking,
            traced: None,
        };
        if !was_polled {
            if let Poll::Ready(ended) = waiting.running.poll_in_place() {
                return Started::Done(waiting.end(ended));
            }
        }
        Started::Waiting(waiting)
    }
}

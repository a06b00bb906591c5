//! A call that waits for something.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::FailedCall;
use crate::function::invoke::ended::EndedCall;
use crate::function::invoke::guarded::{GuardedCall, Interrupted};
use crate::function::invoke::trace::timed;
use crate::function::invoke::traced_call::TracedCall;
use crate::function::reply::{ReplyText, ReplyTo};
use crate::function::started::RunningCall;
use crate::wire::RequestId;

/// A call that waits for something. The future resolves to the end of the call.
pub(crate) struct WaitingCall {
    pub(super) running: GuardedCall<RunningCall>,
    pub(super) function: Cow<'static, str>,
    /// The description of the call without its name, for its error.
    pub(super) failed: FailedCall<'static>,
    pub(super) reply: ReplyTo,
    pub(super) reply_bytes: Option<usize>,
    /// Whether the call only waits for another process.
    pub(super) only_waits: bool,
    /// The time that the call may hold its thread without a warning.
    pub(super) blocking: Option<Duration>,
    pub(super) traced: Option<Box<TracedCall>>,
}

impl WaitingCall {
    /// Returns the id of the request. `None` for an event.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        self.reply.id()
    }

    /// Returns whether the call only waits for another process, so that polling it takes next to no time.
    pub(crate) fn only_waits(&self) -> bool {
        self.only_waits
    }

    pub(super) fn end(&mut self, ended: Result<ReplyText, Interrupted>) -> EndedCall {
        let reply = std::mem::replace(&mut self.reply, ReplyTo::Nobody);
        let name = &*self.function;
        match ended {
            Ok(outcome) => EndedCall::within(self.reply_bytes, reply, outcome),
            Err(Interrupted::Panicked(panic)) => {
                let outcome = reply.panic(self.failed.named(name), &*panic);
                EndedCall::within(self.reply_bytes, reply, outcome)
            }
            Err(Interrupted::TimedOut(limit)) => {
                limit.log(name);
                let outcome = reply.failure(&limit.message(name));
                EndedCall {
                    reply,
                    outcome,
                    over: Some(ExceededLimit::Time),
                }
            }
        }
    }
}

impl Future for WaitingCall {
    type Output = EndedCall;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<EndedCall> {
        let this = &mut *self;
        let running = Pin::new(&mut this.running);
        let poll = || timed(this.blocking, &this.function, || running.poll(context));
        let polled = match &this.traced {
            Some(traced) => traced.trace.enter(poll),
            None => poll(),
        };
        let ended = this.end(ready!(polled));
        if let Some(traced) = this.traced.take() {
            traced.end(&ended);
        }
        Poll::Ready(ended)
    }
}

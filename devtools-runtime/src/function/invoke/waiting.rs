//! A call that waits for something.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::FailedCall;
use crate::function::invoke::ended::Ended;
use crate::function::invoke::guarded::{Guarded, Interrupted};
use crate::function::invoke::seen::timed;
use crate::function::invoke::watch::Watch;
use crate::function::reply::{Outcome, ReplyTo};
use crate::function::started::Running;
use crate::wire::RequestId;

/// A call that waits for something: its end.
pub(crate) struct Waiting {
    pub(super) running: Guarded<Running>,
    pub(super) function: Cow<'static, str>,
    /// The call without the name, in case that it fails.
    pub(super) failed: FailedCall<'static>,
    pub(super) reply: ReplyTo,
    pub(super) reply_bytes: Option<usize>,
    /// How long it may hold its thread before the log is told.
    pub(super) blocking: Option<Duration>,
    pub(super) watch: Option<Box<Watch>>,
}

impl Waiting {
    /// The id to echo, if there is one.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        self.reply.id()
    }

    pub(super) fn end(&mut self, ended: Result<Outcome, Interrupted>) -> Ended {
        let reply = std::mem::replace(&mut self.reply, ReplyTo::Nobody);
        let name = &*self.function;
        match ended {
            Ok(outcome) => Ended::within(self.reply_bytes, reply, outcome),
            Err(Interrupted::Panicked(panic)) => {
                let outcome = reply.panic(self.failed.named(name), &*panic);
                Ended::within(self.reply_bytes, reply, outcome)
            }
            Err(Interrupted::TimedOut(limit)) => {
                limit.log(name);
                let outcome = reply.failure(&limit.message(name));
                Ended {
                    reply,
                    outcome,
                    over: Some(ExceededLimit::Time),
                }
            }
        }
    }
}

impl Future for Waiting {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let running = Pin::new(&mut this.running);
        let poll = || timed(this.blocking, &this.function, || running.poll(context));
        let polled = match &this.watch {
            Some(watch) => watch.seen.enter(poll),
            None => poll(),
        };
        let ended = this.end(ready!(polled));
        if let Some(watch) = this.watch.take() {
            watch.end(&ended);
        }
        Poll::Ready(ended)
    }
}

//! The calls of one connection that wait for something.
//!
//! A call is first polled in place by the driver; only one that is not ready then gets a task, in one
//! of the two sets here. Queries and static functions belong to the connection: when it ends they are
//! dropped. Actions and events have begun to change something, and run to their end.

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Sleep, sleep};

use crate::function::{
    Call, FailedCall, FunctionDefinition, FunctionKind, Handling, Outcome, ReplyTo, Running,
    Started,
};
use crate::peer::detached::Detached;
use crate::peer::{Counters, Limits};
use crate::wire::RequestId;

#[derive(Debug)]
pub(crate) struct RunningCalls {
    dropped_at_end: JoinSet<Ended>,
    run_to_end: JoinSet<Ended>,
    /// Those of `dropped_at_end` that can be cancelled, by their ids.
    cancellable: HashMap<RequestId, AbortHandle>,
    frame_bytes: usize,
    handler_timeout: Option<Duration>,
    counters: Arc<Counters>,
}

/// A call that has ended.
#[derive(Debug)]
struct Ended {
    reply: ReplyTo,
    outcome: Outcome,
    timed_out: bool,
}

impl RunningCalls {
    /// No calls yet. Replies of more than `frame_bytes` become errors.
    pub(crate) fn new(limits: &Limits, counters: Arc<Counters>) -> Self {
        Self {
            dropped_at_end: JoinSet::new(),
            run_to_end: JoinSet::new(),
            cancellable: HashMap::new(),
            frame_bytes: limits.frame_bytes,
            handler_timeout: limits.handler_timeout,
            counters,
        }
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.dropped_at_end.len() + self.run_to_end.len()
    }

    /// Begins a call, and ends it too if it can do without waiting.
    ///
    /// Handlers begin in the order their requests arrive ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
    pub(crate) fn start(&mut self, function: &FunctionDefinition, call: Call<'_>) -> Poll<Outcome> {
        let (reply, scope) = (call.reply.clone(), call.scope);
        let started = catch_unwind(AssertUnwindSafe(|| match function.handler() {
            Handling::Static(function) => function.begin(call),
            Handling::Dynamic(start) => start(call),
            Handling::Declared => Started::Done(
                call.reply
                    .failure(&format!("`{}` has no handler here", function.name())),
            ),
        }));
        let (running, is_polled) = match started {
            Ok(Started::Done(outcome)) => {
                return Poll::Ready(self.bounded(outcome, &reply));
            }
            Ok(Started::Running(running)) => (running, false),
            Ok(Started::Waiting(running)) => (running, true),
            Err(panic) => {
                let failed = FailedCall::of(function.name()).in_scope(&**scope);
                return Poll::Ready(reply.panic(failed, &*panic));
            }
        };
        let mut running = Guarded {
            running,
            reply,
            function: function.owned_name(),
            call: FailedCall::default().in_scope(&**scope),
            timeout: None,
        };
        // Whoever is woken by this poll is nobody: the task polls again as soon as it runs.
        let mut context = Context::from_waker(Waker::noop());
        if !is_polled {
            if let Poll::Ready(ended) = Pin::new(&mut running).poll(&mut context) {
                return Poll::Ready(self.bounded(ended.outcome, &ended.reply));
            }
        }
        // Only a call that waits pays for a timer.
        running.timeout = self
            .handler_timeout
            .map(|after| (after, Box::pin(sleep(after))));
        match function.kind() {
            FunctionKind::Query | FunctionKind::Static => {
                let id = running.reply.id().cloned();
                let task = self.dropped_at_end.spawn(running);
                if let Some(id) = id {
                    self.cancellable.insert(id, task);
                }
            }
            FunctionKind::Action | FunctionKind::Event => {
                self.run_to_end.spawn(running);
            }
        }
        Poll::Pending
    }

    /// The outcome of a call that has ended; pending while none has, also if none runs.
    pub(crate) fn poll_outcome(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        // An empty set is not asked: that would take a lock.
        let mut ended = Poll::Pending;
        for calls in [&mut self.dropped_at_end, &mut self.run_to_end] {
            if !calls.is_empty() && !matches!(ended, Poll::Ready(Some(_))) {
                ended = calls.poll_join_next(context);
            }
        }
        match ended {
            Poll::Ready(Some(Ok(ended))) => {
                if let Some(id) = ended.reply.id() {
                    self.cancellable.remove(id);
                }
                if ended.timed_out {
                    self.counters.handlers_timed_out.add(1);
                }
                Poll::Ready(self.bounded(ended.outcome, &ended.reply))
            }
            // A call that was cancelled has nobody left to answer to; panics never get here.
            Poll::Ready(Some(Err(_))) => Poll::Ready(None),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    /// Drops a query that its caller does not wait for any more. Others are not touched.
    pub(crate) fn cancel(&mut self, id: &RequestId) {
        if let Some(task) = self.cancellable.remove(id) {
            task.abort();
        }
    }

    /// How many calls run to their end, whether or not their caller is there.
    pub(crate) fn running_to_end(&self) -> usize {
        self.run_to_end.len()
    }

    /// Drops the calls that nobody waits for any more, and waits for the others to end, which are in the number `detached`.
    pub(crate) async fn finish(mut self, mut detached: Detached) {
        self.dropped_at_end.abort_all();
        while self.run_to_end.join_next().await.is_some() {
            detached.end_one();
        }
    }

    /// The outcome, or the error in its place if it is too large to be sent.
    fn bounded(&self, outcome: Outcome, reply: &ReplyTo) -> Outcome {
        match outcome {
            Some(text) if text.len() > self.frame_bytes => {
                let (size, limit) = (text.len(), self.frame_bytes);
                self.counters.frames_too_large.add(1);
                tracing::warn!(size, limit, "a reply is over the limit `frame_bytes`");
                reply.failure(&format!(
                    "the reply has {size} bytes, over the limit `frame_bytes` of {limit}"
                ))
            }
            fits => fits,
        }
    }
}

/// A call whose panic becomes its reply, and so does that it takes too long.
struct Guarded {
    running: Running,
    reply: ReplyTo,
    function: Cow<'static, str>,
    /// The call without the name, in case that it fails.
    call: FailedCall<'static>,
    timeout: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl Future for Guarded {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let polled = catch_unwind(AssertUnwindSafe(|| this.running.as_mut().poll(context)));
        let (outcome, timed_out) = match polled {
            Ok(Poll::Ready(outcome)) => (outcome, false),
            Ok(Poll::Pending) => match this.poll_timed_out(context) {
                Poll::Ready(outcome) => (outcome, true),
                Poll::Pending => return Poll::Pending,
            },
            Err(panic) => (
                this.reply.panic(this.call.named(&this.function), &*panic),
                false,
            ),
        };
        let reply = std::mem::replace(&mut this.reply, ReplyTo::Nobody);
        Poll::Ready(Ended {
            reply,
            outcome,
            timed_out,
        })
    }
}

impl Guarded {
    /// Drops the handler once it has had its time: ready with the error in place of its reply.
    fn poll_timed_out(&mut self, context: &mut Context<'_>) -> Poll<Outcome> {
        let Some((after, over)) = &mut self.timeout else {
            return Poll::Pending;
        };
        ready!(over.as_mut().poll(context));
        let (function, after) = (&*self.function, after.as_millis());
        tracing::warn!(
            rpc.method = function,
            limit = after,
            "a handler took longer than `handler_timeout`"
        );
        // Not left to the end of the task, which would lose the reply if this panics.
        let handler = std::mem::replace(&mut self.running, Box::pin(pending()));
        if catch_unwind(AssertUnwindSafe(|| drop(handler))).is_err() {
            tracing::warn!(
                rpc.method = function,
                "a handler panicked as it was dropped"
            );
        }
        Poll::Ready(self.reply.failure(&format!(
            "\"{function}\" did not end within {after} ms, the limit `handler_timeout`"
        )))
    }
}

//! The calls of one connection that wait for something.
//!
//! A call is first polled in place by the driver; only one that is not ready then gets a task, in one
//! of the two sets here. Queries and static functions belong to the connection: when it ends they are
//! dropped. Actions and events have begun to change something, and run to their end.

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::task::{AbortHandle, JoinSet};

use crate::function::{
    Call, FunctionDefinition, FunctionKind, Handler, Outcome, ReplyTo, Running, Started,
};
use crate::wire::RequestId;

#[derive(Debug)]
pub(crate) struct RunningCalls {
    dropped_at_end: JoinSet<Ended>,
    run_to_end: JoinSet<Ended>,
    /// Those of `dropped_at_end` that can be cancelled, by their ids.
    cancellable: HashMap<RequestId, AbortHandle>,
    frame_bytes: usize,
}

/// A call that has ended.
#[derive(Debug)]
struct Ended {
    id: Option<RequestId>,
    outcome: Outcome,
}

impl RunningCalls {
    /// No calls yet. Replies of more than `frame_bytes` become errors.
    pub(crate) fn new(frame_bytes: usize) -> Self {
        Self {
            dropped_at_end: JoinSet::new(),
            run_to_end: JoinSet::new(),
            cancellable: HashMap::new(),
            frame_bytes,
        }
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.dropped_at_end.len() + self.run_to_end.len()
    }

    /// Begins a call, and ends it too if it can do without waiting.
    ///
    /// Handlers begin in the order their requests arrive (`protocol.md` 1.6).
    pub(crate) fn start(&mut self, function: &FunctionDefinition, call: Call<'_>) -> Poll<Outcome> {
        let reply = call.reply.clone();
        let started = catch_unwind(AssertUnwindSafe(|| match function.handler() {
            Handler::Static(start) => start(call),
            Handler::Dynamic(start) => start(call),
            Handler::Declared => Started::Done(
                call.reply
                    .failure(&format!("`{}` has no handler here", function.name())),
            ),
        }));
        let running = match started {
            Ok(Started::Done(outcome)) => {
                return Poll::Ready(bounded(outcome, &reply, self.frame_bytes));
            }
            Ok(Started::Running(running)) => running,
            Err(panic) => return Poll::Ready(reply.panic(function.name(), &*panic)),
        };
        let mut running = Guarded {
            running,
            reply,
            function: function.owned_name(),
            frame_bytes: self.frame_bytes,
        };
        // Whoever is woken by this poll is nobody: the task polls again as soon as it runs.
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(ended) = Pin::new(&mut running).poll(&mut context) {
            return Poll::Ready(ended.outcome);
        }
        match function.kind() {
            FunctionKind::Query | FunctionKind::Static => {
                let id = running.reply.0.clone();
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
        for set in [&mut self.dropped_at_end, &mut self.run_to_end] {
            if let Poll::Ready(Some(ended)) = set.poll_join_next(context) {
                // A call that was cancelled has nobody left to answer to; panics never get here.
                let Ok(Ended { id, outcome }) = ended else {
                    return Poll::Ready(None);
                };
                if let Some(id) = id {
                    self.cancellable.remove(&id);
                }
                return Poll::Ready(outcome);
            }
        }
        Poll::Pending
    }

    /// Drops a query that its caller does not wait for any more. Others are not touched.
    pub(crate) fn cancel(&mut self, id: &RequestId) {
        if let Some(task) = self.cancellable.remove(id) {
            task.abort();
        }
    }

    /// Drops the calls that nobody waits for any more, and waits for the others to end.
    pub(crate) async fn finish(mut self) {
        self.dropped_at_end.abort_all();
        while self.run_to_end.join_next().await.is_some() {}
    }
}

/// A call whose panic becomes its reply.
struct Guarded {
    running: Running,
    reply: ReplyTo,
    function: Cow<'static, str>,
    frame_bytes: usize,
}

impl Future for Guarded {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let polled = catch_unwind(AssertUnwindSafe(|| this.running.as_mut().poll(context)));
        let outcome = match polled {
            Ok(polled) => bounded(ready!(polled), &this.reply, this.frame_bytes),
            Err(panic) => this.reply.panic(&this.function, &*panic),
        };
        let id = this.reply.0.take();
        Poll::Ready(Ended { id, outcome })
    }
}

/// The outcome, or the error in its place if it is too large to be sent.
fn bounded(outcome: Outcome, reply: &ReplyTo, frame_bytes: usize) -> Outcome {
    match outcome {
        Some(text) if text.len() > frame_bytes => reply.failure(&format!(
            "the reply has {} bytes, over the limit `frame_bytes` of {frame_bytes}",
            text.len(),
        )),
        fits => fits,
    }
}

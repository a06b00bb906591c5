//! The calls of one connection that wait for something.
//!
//! A call is first polled in place by the driver; only one that is not ready then gets a task, in one
//! of the two sets here. Queries and static functions belong to the connection: when it ends they are
//! dropped. Actions and events have begun to change something, and run to their end.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::task::{AbortHandle, JoinSet};

use crate::function::{
    Call, CallLimits, Ended, FunctionDefinition, FunctionKind, Invocation, Outcome, Over, Started,
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
    limits: CallLimits,
    counters: Arc<Counters>,
}

impl RunningCalls {
    /// No calls yet. Replies of more than `frame_bytes` become errors.
    pub(crate) fn new(limits: &Limits, counters: Arc<Counters>) -> Self {
        Self {
            dropped_at_end: JoinSet::new(),
            run_to_end: JoinSet::new(),
            cancellable: HashMap::new(),
            limits: CallLimits {
                handler_timeout: limits.handler_timeout,
                reply_bytes: Some(limits.frame_bytes),
            },
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
    pub(crate) fn start(
        &mut self,
        function: &FunctionDefinition,
        call: Call<'_>,
        parent: Option<&str>,
    ) -> Poll<Outcome> {
        let invocation = Invocation {
            function,
            limits: self.limits,
            parent,
        };
        let waiting = match invocation.begin(call) {
            Started::Done(ended) => return Poll::Ready(self.outcome(ended)),
            Started::Running(waiting) | Started::Waiting(waiting) => waiting,
        };
        match function.kind() {
            FunctionKind::Query | FunctionKind::Static => {
                let id = waiting.id().cloned();
                let task = self.dropped_at_end.spawn(waiting);
                if let Some(id) = id {
                    self.cancellable.insert(id, task);
                }
            }
            FunctionKind::Action | FunctionKind::Event => {
                self.run_to_end.spawn(waiting);
            }
        }
        Poll::Pending
    }

    /// The outcome of a call that has ended, once the limit is counted that it was over.
    fn outcome(&self, ended: Ended) -> Outcome {
        match ended.over {
            Some(Over::Time) => self.counters.handlers_timed_out.add(1),
            Some(Over::ReplyBytes) => self.counters.frames_too_large.add(1),
            None => {}
        }
        ended.outcome
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
                Poll::Ready(self.outcome(ended))
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
}

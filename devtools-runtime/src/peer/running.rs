//! The running calls of one connection.
//!
//! The driver first polls a call in place. Only a call that is not ready then comes into one of the two sets here.
//! Queries and static functions belong to the connection: when it ends, they are dropped. Actions and events have begun to
//! change something, so they run to their end.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::function::{
    Call, CallLimits, EndedCall, ExceededLimit, FunctionDefinition, FunctionKind, Invocation,
    ReplyText, Started,
};
use crate::peer::call_set::{CallAbort, CallSet};
use crate::peer::counters::Counters;
use crate::peer::detached::Detached;
use crate::peer::limits::Limits;
use crate::wire::RequestId;

/// Returns whether a call of this kind runs to its end, whether or not somebody waits for it.
pub(crate) fn runs_to_end(kind: FunctionKind) -> bool {
    match kind {
        FunctionKind::Query | FunctionKind::Static => false,
        FunctionKind::Action | FunctionKind::Event => true,
    }
}

#[derive(Debug)]
pub(crate) struct RunningCalls {
    dropped_at_end: CallSet,
    run_to_end: CallSet,
    /// The calls of `dropped_at_end` that can be cancelled, by their id.
    cancellable: HashMap<RequestId, CallAbort>,
    limits: CallLimits,
    counters: Arc<Counters>,
}

impl RunningCalls {
    /// Creates the sets without calls. Replies of more than `frame_bytes` are replaced by errors.
    pub(crate) fn new(limits: &Limits, counters: Arc<Counters>) -> Self {
        Self {
            dropped_at_end: CallSet::default(),
            run_to_end: CallSet::default(),
            cancellable: HashMap::new(),
            limits: CallLimits {
                handler_timeout: limits.handler_timeout,
                reply_bytes: Some(limits.frame_bytes),
            },
            counters,
        }
    }

    /// Returns the number of running calls.
    pub(crate) fn len(&self) -> usize {
        self.dropped_at_end.len() + self.run_to_end.len()
    }

    /// Starts a call. Returns its outcome if it ends without waiting.
    ///
    /// Handlers begin in the order their requests arrive ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
    pub(crate) fn start(
        &mut self,
        function: &FunctionDefinition,
        call: Call<'_>,
        parent: Option<&str>,
    ) -> Poll<ReplyText> {
        let invocation = Invocation {
            function,
            limits: self.limits,
            parent,
        };
        let waiting = match invocation.begin(call) {
            Started::Done(ended) => return Poll::Ready(self.outcome(ended)),
            Started::Running(waiting) | Started::Waiting(waiting) => waiting,
        };
        if runs_to_end(function.kind()) {
            self.run_to_end.add(waiting);
        } else {
            let id = waiting.id().cloned();
            let handle = self.dropped_at_end.add(waiting);
            if let Some(id) = id {
                self.cancellable.insert(id, handle);
            }
        }
        Poll::Pending
    }

    /// Returns the outcome of a call that has ended, and counts the limit that it exceeded, if any.
    fn outcome(&self, ended: EndedCall) -> ReplyText {
        match ended.over {
            Some(ExceededLimit::Time) => self.counters.handlers_timed_out.add(1),
            Some(ExceededLimit::ReplyBytes) => self.counters.frames_too_large.add(1),
            None => {}
        }
        ended.outcome
    }

    /// Polls for the outcome of a call that has ended. Stays pending while none has ended, also if none runs.
    pub(crate) fn poll_outcome(&mut self, context: &mut Context<'_>) -> Poll<ReplyText> {
        let mut polled = self.dropped_at_end.poll_ended(context);
        if polled.is_pending() {
            polled = self.run_to_end.poll_ended(context);
        }
        // A cancelled call has no caller to answer.
        let Some(ended) = ready!(polled) else {
            return Poll::Ready(None);
        };
        if let Some(id) = ended.reply.id() {
            self.cancellable.remove(id);
        }
        Poll::Ready(self.outcome(ended))
    }

    /// Drops a query whose caller does not wait any more. Calls of other kinds are not touched. Returns whether there
    /// was such a query.
    pub(crate) fn cancel(&mut self, id: &RequestId) -> bool {
        let call = self.cancellable.remove(id);
        call.is_some_and(|call| {
            call.abort();
            true
        })
    }

    /// Returns the number of calls that run to their end, whether or not their caller is connected.
    pub(crate) fn running_to_end(&self) -> usize {
        self.run_to_end.len()
    }

    /// Drops the queries, and waits for the other calls to end. Each of them is subtracted from `detached` when it ends.
    pub(crate) async fn finish(mut self, mut detached: Detached) {
        drop(self.dropped_at_end);
        while self.run_to_end.len() > 0 {
            poll_fn(|context| self.run_to_end.poll_ended(context)).await;
            detached.end_one();
        }
    }
}

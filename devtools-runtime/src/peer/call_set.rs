//! A set of running calls.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream as _;
use futures_util::future::{AbortHandle, Abortable, abortable};
use futures_util::stream::FuturesUnordered;
use tokio::task::{AbortHandle as TaskHandle, JoinSet};

use crate::function::{EndedCall, WaitingCall};

/// A set of running calls. Dropping the set drops its calls.
///
/// A call has a task of its own, because its handler may compute for a while. The driver polls a call that only waits for
/// another process, because a task would cost more than its polls.
#[derive(Default)]
pub(super) struct CallSet {
    tasks: JoinSet<EndedCall>,
    /// The calls that the driver polls. `None` before the first one, because most connections have no such call.
    waiting: Option<FuturesUnordered<Abortable<WaitingCall>>>,
}

/// A handle that can drop one call of a set.
#[derive(Debug)]
pub(super) enum CallAbort {
    Task(TaskHandle),
    Waiting(AbortHandle),
}

impl CallSet {
    pub(super) fn add(&mut self, call: WaitingCall) -> CallAbort {
        if call.only_waits() {
            let (call, handle) = abortable(call);
            self.waiting.get_or_insert_default().push(call);
            return CallAbort::Waiting(handle);
        }
        CallAbort::Task(self.tasks.spawn(call))
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len() + self.waiting.as_ref().map_or(0, FuturesUnordered::len)
    }

    /// Polls for the end of any call in the set. Returns `None` for a call that was [dropped](CallAbort::abort). Stays
    /// pending while no call has ended, also if the set is empty.
    pub(super) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<Option<EndedCall>> {
        if let Some(waiting) = &mut self.waiting {
            if let Poll::Ready(Some(ended)) = Pin::new(waiting).poll_next(context) {
                return Poll::Ready(ended.ok());
            }
        }
        // An empty set is not polled, because that would take a lock.
        if !self.tasks.is_empty() {
            if let Poll::Ready(Some(ended)) = self.tasks.poll_join_next(context) {
                // Panics were caught before.
                return Poll::Ready(ended.ok());
            }
        }
        Poll::Pending
    }
}

impl CallAbort {
    /// Drops the call.
    pub(super) fn abort(&self) {
        match self {
            Self::Task(handle) => handle.abort(),
            Self::Waiting(handle) => handle.abort(),
        }
    }
}

crate::debug_impl! { CallSet as it => "{} calls", it.len() }

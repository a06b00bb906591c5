//! Finds the function of a request and starts its handler.

use std::sync::Arc;
use std::task::{Context, Poll};

use crate::function::{Call, ReplyText, ReplyTo};
use crate::peer::alive::ALIVE;
use crate::peer::counters::Counters;
use crate::peer::functions::{FunctionLookup, Functions};
use crate::peer::limits::Limits;
use crate::peer::reply::{shortened, unauthorized, unknown_function};
use crate::peer::running::{RunningCalls, runs_to_end};
use crate::wire::{Encoding, Envelope, FrameText, Request, RequestId};

/// Starts the calls of one connection, and holds those that wait for something.
pub(crate) struct Dispatcher {
    functions: Functions,
    running: RunningCalls,
    calls_in_flight: usize,
    /// The limit of `calls_in_flight` while the other side is not trusted.
    untrusted_calls_in_flight: usize,
    counters: Arc<Counters>,
}

impl Dispatcher {
    pub(crate) fn new(functions: Functions, limits: &Limits, counters: Arc<Counters>) -> Self {
        let running = RunningCalls::new(limits, Arc::clone(&counters));
        Self {
            functions,
            running,
            calls_in_flight: limits.calls_in_flight.max(1),
            untrusted_calls_in_flight: limits.untrusted.calls_in_flight.max(1),
            counters,
        }
    }

    /// Returns whether the limit of running calls is reached.
    pub(crate) fn is_full(&self) -> bool {
        let running = self.running.len();
        running >= self.calls_in_flight
            || running >= self.untrusted_calls_in_flight && self.functions.are_for_untrusted()
    }

    /// Returns the number of running calls.
    pub(crate) fn running(&self) -> usize {
        self.running.len()
    }

    /// Starts a call. Returns the reply if it is ready at once.
    pub(crate) fn dispatch(&mut self, request: Request<'_>) -> ReplyText {
        let Request {
            method,
            arguments,
            optional,
            id,
            parent,
        } = request;
        if self.functions.are_open() {
            arguments.trust();
        }
        if method == ALIVE {
            return ReplyTo::caller(id).undefined(Encoding::Json);
        }
        match id {
            Some(_) => self.counters.calls.add(1),
            None => self.counters.events.add(1),
        }
        let reply = ReplyTo::caller(id);
        let (function, scope) = match self.functions.find(&method) {
            FunctionLookup::Function(function, scope) => (function, scope),
            FunctionLookup::Refused => {
                tracing::debug!(rpc.method = %shortened(&method), "refused a call of a client that is not trusted");
                return reply.failure(&unauthorized(&method));
            }
            FunctionLookup::Unknown => {
                tracing::debug!(rpc.method = %shortened(&method), optional, "no such function");
                self.functions.report_unknown_call(&method, arguments);
                if optional {
                    return reply.undefined(Encoding::StructuredClone);
                }
                return reply.failure(&unknown_function(&method));
            }
        };
        match self.running.start(
            function,
            Call {
                scope,
                arguments,
                reply,
            },
            parent.as_deref(),
        ) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => None,
        }
    }

    /// Drops the running call that a request to cancel names. Returns the id if no call with this id runs, or if that call
    /// runs to its end.
    pub(crate) fn cancel(&mut self, request: &Request<'_>) -> Option<RequestId> {
        let (id,) = request.arguments.read::<(String,)>().ok()?;
        let id = RequestId::from_text(&id)?;
        (!self.running.cancel(&id)).then_some(id)
    }

    /// Returns whether a cancellation drops the call in `frame`, which does not run yet.
    pub(crate) fn is_dropped_if_cancelled(&mut self, frame: &str) -> bool {
        let Ok(text) = FrameText::open(frame) else {
            return false;
        };
        let Ok(Envelope::Request(request)) = text.envelope() else {
            return false;
        };
        match self.functions.find(&request.method) {
            FunctionLookup::Function(function, _) => !runs_to_end(function.kind()),
            FunctionLookup::Refused | FunctionLookup::Unknown => true,
        }
    }

    /// Reads a frame and dispatches it if it is a request. Returns the reply, if it is ready at once, and the number of
    /// steps that reading took.
    pub(crate) fn answer(&mut self, frame: &str) -> (ReplyText, usize) {
        let Ok(text) = FrameText::open(frame) else {
            return (None, frame.len());
        };
        let outcome = match text.envelope() {
            Ok(Envelope::Request(request)) => self.dispatch(request),
            Ok(Envelope::Response(_)) | Err(_) => None,
        };
        (outcome, frame.len() + text.steps())
    }

    /// Polls for the outcome of a call that has ended.
    pub(crate) fn poll_outcome(&mut self, context: &mut Context<'_>) -> Poll<ReplyText> {
        self.running.poll_outcome(context)
    }

    /// Returns the calls that still run.
    pub(crate) fn into_running(self) -> RunningCalls {
        self.running
    }
}

#[cfg(test)]
mod tests;

//! How a call of a function runs, whoever makes it: a client, the program itself, or a dump.
//!
//! An [`Invocation`] makes a call whose arguments are text and whose outcome is text; [`Local`] makes one of values. Either way the
//! call passes the layers, a panic becomes its error, and so does that it takes longer than it may. Whatever must hold for every
//! call is said here, once.

mod guarded;
mod layer;
mod layered;
mod local;
mod observed;
mod role;
mod seen;
mod started;

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use self::guarded::{Bound, Guarded, Interrupted, caught};
use self::layer::layers_of;
use self::seen::{End, Seen, timed};
use crate::function::{Call, FailedCall, FunctionDefinition, Outcome, ReplyTo};
use crate::wire::RequestId;

pub(crate) use self::guarded::TimeLimit;
pub use self::layer::{
    CallFailure, CallOrigin, CallSuccess, FailureReason, LayerCall, LayerFuture, LayerResult, Next,
};
pub(crate) use self::layer::{LayerFn, Layers};
pub(crate) use self::local::{Local, run_local};
pub(crate) use self::observed::Observed;
pub(crate) use self::role::missing_role;
pub(crate) use self::seen::Warnings;
pub(crate) use self::started::{Running, Started};

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

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Whom the outcome is for.
    pub(crate) reply: ReplyTo,
    pub(crate) outcome: Outcome,
    /// The limit that stands behind the outcome, if one does.
    pub(crate) over: Option<Over>,
}

/// A limit that a call was over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Time,
    ReplyBytes,
}

impl Invocation<'_> {
    /// Begins the call, and ends it too if it can do without waiting.
    pub(crate) fn begin(self, call: Call<'_>) -> Started<Ended, Waiting> {
        match Seen::begin(self.function, &call, self.parent) {
            None => self.begin_unseen(call),
            Some(seen) => self.begin_seen(call, seen),
        }
    }

    /// Begins the call within its span.
    fn begin_seen(self, mut call: Call<'_>, seen: Seen) -> Started<Ended, Waiting> {
        let observed = Arc::new(Observed::new(call.reply));
        call.reply = ReplyTo::Observed(Arc::clone(&observed));
        let watch = Watch { seen, observed };
        match watch.seen.enter(|| self.begin_unseen(call)) {
            Started::Done(ended) => {
                watch.end(&ended);
                Started::Done(ended)
            }
            Started::Running(waiting) | Started::Waiting(waiting) => Started::Waiting(Waiting {
                watch: Some(Box::new(watch)),
                ..waiting
            }),
        }
    }

    fn begin_unseen(self, call: Call<'_>) -> Started<Ended, Waiting> {
        let layers = layers_of(self.function, call.scope);
        if layers.is_empty() {
            let limit = TimeLimit::of(self.function, self.limits.handler_timeout);
            self.begin_function(call, Bound::Fixed(limit))
        } else {
            self.begin_layers(call, layers)
        }
    }

    /// Begins the function itself, which has this time.
    fn begin_function(self, call: Call<'_>, bound: Bound) -> Started<Ended, Waiting> {
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

/// A call that waits for something: its end.
pub(crate) struct Waiting {
    running: Guarded<Running>,
    function: Cow<'static, str>,
    /// The call without the name, in case that it fails.
    failed: FailedCall<'static>,
    reply: ReplyTo,
    reply_bytes: Option<usize>,
    /// How long it may hold its thread before the log is told.
    blocking: Option<Duration>,
    watch: Option<Box<Watch>>,
}

/// Who watches a call, and what they watch.
struct Watch {
    seen: Seen,
    observed: Arc<Observed>,
}

impl Watch {
    fn end(self, ended: &Ended) {
        let end = self.observed.failure();
        let end = end.as_ref().map_or_else(
            || End::Success(ended.outcome.as_ref().map(String::len)),
            |error| End::Failure(error, ended.over),
        );
        self.seen.end(end);
    }
}

impl Waiting {
    /// The id to echo, if there is one.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        self.reply.id()
    }

    fn end(&mut self, ended: Result<Outcome, Interrupted>) -> Ended {
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
                    over: Some(Over::Time),
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

impl Ended {
    /// The end of a call with this outcome, or with an error in its place if it has more than so many bytes.
    fn within(bytes: Option<usize>, reply: ReplyTo, outcome: Outcome) -> Self {
        let size = outcome.as_ref().map_or(0, String::len);
        if let Some(limit) = bytes.filter(|limit| size > *limit) {
            tracing::warn!(size, limit, "a reply is over the limit `frame_bytes`");
            let message =
                format!("the reply has {size} bytes, over the limit `frame_bytes` of {limit}");
            let outcome = reply.failure(&message);
            return Self {
                reply,
                outcome,
                over: Some(Over::ReplyBytes),
            };
        }
        // What ran inside of layers says it in passing.
        let over = match &reply {
            ReplyTo::Observed(observed) => observed.over(),
            _ => None,
        };
        Self {
            reply,
            outcome,
            over,
        }
    }
}

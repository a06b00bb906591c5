//! How a call of a function runs, whoever makes it: a client, the program itself, or a dump.
//!
//! An [`Invocation`] begins a call whose arguments are text and whose outcome is text; [`local`] makes one of values. Either way
//! a panic becomes the error of the call, and so does that it takes longer than it may. Whatever must hold for every call is said here, once.

mod guarded;
mod local;
mod started;

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

pub(crate) use self::guarded::TimeLimit;
use self::guarded::{Guarded, Interrupted, caught};
pub(crate) use self::local::{Local, run_local};
pub(crate) use self::started::Running;
pub(crate) use self::started::Started;
use crate::function::{Call, FailedCall, FunctionDefinition, Outcome, ReplyTo};

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
        let (reply, scope) = (call.reply.clone(), call.scope);
        let bytes = self.limits.reply_bytes;
        let (running, was_polled) = match caught(|| self.function.begin(call)) {
            Ok(Started::Done(outcome)) => {
                return Started::Done(Ended::within(bytes, reply, outcome));
            }
            Ok(Started::Running(running)) => (running, false),
            Ok(Started::Waiting(running)) => (running, true),
            Err(panic) => {
                let failed = FailedCall::of(self.function.name()).in_scope(&**scope);
                let outcome = reply.panic(failed, &*panic);
                return Started::Done(Ended::within(bytes, reply, outcome));
            }
        };
        let limit = TimeLimit::of(self.function, self.limits.handler_timeout);
        let mut waiting = Waiting {
            running: Guarded::new(running, limit),
            reply,
            function: self.function.owned_name(),
            failed: FailedCall::default().in_scope(&**scope),
            reply_bytes: bytes,
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
    reply: ReplyTo,
    function: Cow<'static, str>,
    /// The call without the name, in case that it fails.
    failed: FailedCall<'static>,
    reply_bytes: Option<usize>,
}

impl Waiting {
    /// The id to echo, if there is one.
    pub(crate) fn id(&self) -> Option<&crate::wire::RequestId> {
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
                Ended {
                    outcome: reply.failure(&limit.message(name)),
                    reply,
                    over: Some(Over::Time),
                }
            }
        }
    }
}

impl Future for Waiting {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let ended = ready!(Pin::new(&mut self.running).poll(context));
        Poll::Ready(self.end(ended))
    }
}

impl Ended {
    /// The end of a call with this outcome, or with an error in its place if it has more than so many bytes.
    fn within(bytes: Option<usize>, reply: ReplyTo, outcome: Outcome) -> Self {
        let size = outcome.as_ref().map_or(0, String::len);
        match bytes {
            Some(limit) if size > limit => {
                tracing::warn!(size, limit, "a reply is over the limit `frame_bytes`");
                Self {
                    outcome: reply.failure(&format!(
                        "the reply has {size} bytes, over the limit `frame_bytes` of {limit}"
                    )),
                    reply,
                    over: Some(Over::ReplyBytes),
                }
            }
            _ => Self {
                reply,
                outcome,
                over: None,
            },
        }
    }
}

//! A future that can neither take its caller down nor run for ever.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::function::FunctionDefinition;
use crate::function::invoke::layer::Clock;

/// What a panic leaves.
pub(super) type Panic = Box<dyn Any + Send>;

/// How long the handler of a call may take, and which option says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeLimit {
    pub(super) after: Duration,
    pub(super) option: TimeOption,
}

/// The options that limit how long a handler may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeOption {
    /// [`Limits::handler_timeout`](crate::Limits::handler_timeout).
    HandlerTimeout,
    /// The function's own `timeout`.
    Timeout,
    /// [`LayerCall::set_timeout`](crate::layers::LayerCall::set_timeout).
    Layer,
}

/// Whose time it is that runs out.
pub(super) enum Bound {
    /// That of a function, from its first poll.
    Fixed(Option<TimeLimit>),
    /// That of layers, until the function begins.
    Layers(Arc<Clock>),
    /// That of a function inside of layers, from the beginning of the call.
    Function(Arc<Clock>),
}

/// Why a handler did not come to its own end.
pub(super) enum Interrupted {
    Panicked(Panic),
    TimedOut(TimeLimit),
}

/// A future whose panic is caught, and that is dropped once it has had its time.
pub(super) struct Guarded<F> {
    /// `None` once it was dropped.
    running: Option<F>,
    bound: Bound,
    /// Only a call that waits pays for a timer.
    timer: Option<Timer>,
}

struct Timer {
    limit: TimeLimit,
    end: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl TimeLimit {
    /// The limit of a call of `function` where handlers may take `handler_timeout`: the shorter of the two.
    pub(crate) fn of(
        function: &FunctionDefinition,
        handler_timeout: Option<Duration>,
    ) -> Option<Self> {
        let own = function.timeout().map(|after| Self {
            after,
            option: TimeOption::Timeout,
        });
        let general = handler_timeout.map(|after| Self {
            after,
            option: TimeOption::HandlerTimeout,
        });
        own.into_iter().chain(general).min_by_key(|it| it.after)
    }

    /// Tells the log that a handler took longer.
    pub(super) fn log(self, function: &str) {
        let limit = self.after;
        match self.option {
            TimeOption::HandlerTimeout => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a handler took longer than `handler_timeout`"
            ),
            TimeOption::Timeout => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a handler took longer than its `timeout`"
            ),
            TimeOption::Layer => tracing::warn!(
                rpc.method = function,
                ?limit,
                "a call took longer than a layer allows"
            ),
        }
    }

    /// What the caller is told whose call took longer.
    pub(super) fn message(self, function: &str) -> String {
        match self.option {
            TimeOption::HandlerTimeout => format!(
                "\"{function}\" did not end within {} ms, the limit `handler_timeout`",
                self.after.as_millis()
            ),
            TimeOption::Timeout | TimeOption::Layer => {
                format!("\"{function}\" did not end within {:?}", self.after)
            }
        }
    }
}

impl<F> Guarded<F> {
    pub(super) fn new(running: F, bound: Bound) -> Self {
        Self {
            running: Some(running),
            bound,
            timer: None,
        }
    }
}

impl Bound {
    /// The limit, and when the time is over, for a future that waits.
    fn end(&self, timer: Option<&Timer>) -> Option<(TimeLimit, Instant)> {
        match (self, timer) {
            (Self::Fixed(_), Some(timer)) => Some((timer.limit, timer.end)),
            (Self::Fixed(limit), None) => {
                let limit = (*limit)?;
                Some((limit, Instant::now().checked_add(limit.after)?))
            }
            (Self::Layers(clock), _) => clock.end_of_layers(),
            (Self::Function(clock), _) => clock.end(),
        }
    }
}

impl<F: Future + Unpin> Guarded<F> {
    /// Polls where nobody can be woken: if it is not ready, somebody has to poll it again.
    pub(super) fn poll_in_place(&mut self) -> Poll<Result<F::Output, Interrupted>> {
        self.poll_running(&mut Context::from_waker(Waker::noop()))
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Poll<Result<F::Output, Interrupted>> {
        let Some(running) = &mut self.running else {
            return Poll::Pending;
        };
        match caught(|| Pin::new(running).poll(context)) {
            Ok(polled) => polled.map(Ok),
            Err(panic) => Poll::Ready(Err(Interrupted::Panicked(panic))),
        }
    }
}

impl<F: Future + Unpin> Future for Guarded<F> {
    type Output = Result<F::Output, Interrupted>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(ended) = this.poll_running(context) {
            return Poll::Ready(ended);
        }
        let Some((limit, end)) = this.bound.end(this.timer.as_ref()) else {
            return Poll::Pending;
        };
        let timer = this.timer.get_or_insert_with(|| Timer {
            limit,
            end,
            sleep: Box::pin(sleep_until(end)),
        });
        if timer.end != end {
            timer.end = end;
            timer.sleep.as_mut().reset(end);
        }
        ready!(timer.sleep.as_mut().poll(context));
        // Not left to the end of the task, which would lose the reply if this panics.
        let running = this.running.take();
        if caught(|| drop(running)).is_err() {
            tracing::warn!("a handler panicked as it was dropped");
        }
        Poll::Ready(Err(Interrupted::TimedOut(limit)))
    }
}

/// Runs `run`, and catches its panic.
///
/// What it was doing is gone with it, so that nobody sees it half done.
pub(super) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_unwind(AssertUnwindSafe(run))
}

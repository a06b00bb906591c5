//! A future that can neither take its caller down nor run for ever.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::function::invoke::clock::Clock;
use crate::function::invoke::time_limit::TimeLimit;

/// What a panic leaves.
pub(super) type Panic = Box<dyn Any + Send>;

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

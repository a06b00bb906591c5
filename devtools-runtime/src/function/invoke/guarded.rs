//! A future with a time limit, whose panic is caught.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::function::invoke::clock::Clock;
use crate::function::invoke::time_limit::TimeLimit;

/// The payload of a panic.
pub(super) type Panic = Box<dyn Any + Send>;

/// The deadline of a guarded future.
pub(super) enum Deadline {
    /// The limit of a function without layers. Its time begins when the function waits for the first time.
    Fixed(Option<TimeLimit>),
    /// The limit of layers. It applies until the function begins.
    Layers(Arc<Clock>),
    /// The limit of a function inside of layers. Its time begins with the call.
    Function(Arc<Clock>),
}

/// The reason why a handler was interrupted.
pub(super) enum Interrupted {
    Panicked(Panic),
    TimedOut(TimeLimit),
}

/// A future whose panic is caught, and that is dropped at its deadline.
pub(super) struct GuardedCall<F> {
    /// `None` after the future was dropped.
    running: Option<F>,
    deadline: Deadline,
    /// Created when the future waits for the first time.
    timer: Option<Timer>,
}

struct Timer {
    limit: TimeLimit,
    end: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl<F> GuardedCall<F> {
    pub(super) fn new(running: F, deadline: Deadline) -> Self {
        Self {
            running: Some(running),
            deadline,
            timer: None,
        }
    }
}

impl Deadline {
    /// Returns the limit, and the time at which it ends, for a future that waits.
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

impl<F: Future + Unpin> GuardedCall<F> {
    /// Polls without a waker. The caller has to poll a future that is not ready again.
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

impl<F: Future + Unpin> Future for GuardedCall<F> {
    type Output = Result<F::Output, Interrupted>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(ended) = this.poll_running(context) {
            return Poll::Ready(ended);
        }
        let Some((limit, end)) = this.deadline.end(this.timer.as_ref()) else {
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
        // The future is dropped here and not with the task, because a panic would lose the reply there.
        let running = this.running.take();
        if caught(|| drop(running)).is_err() {
            tracing::warn!("a handler panicked as it was dropped");
        }
        Poll::Ready(Err(Interrupted::TimedOut(limit)))
    }
}

/// Runs `run`, and catches its panic.
///
/// The state of `run` is dropped with it, so that nobody sees a broken invariant.
pub(super) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, Panic> {
    catch_unwind(AssertUnwindSafe(run))
}

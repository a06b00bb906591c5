//! A call that has begun.

use std::fmt;
use std::pin::Pin;

use crate::function::reply::ReplyText;

/// A call, or a part of one, that has begun and returns a `T`.
pub enum Started<T = ReplyText, F = Pin<Box<dyn Future<Output = T> + Send>>> {
    /// It has ended.
    Done(T),
    /// It was not polled yet.
    Running(F),
    /// It was polled once without a waker and waits for something. It must be polled again.
    Waiting(F),
}

/// A call that has not ended.
pub(crate) type RunningCall = Pin<Box<dyn Future<Output = ReplyText> + Send>>;

impl<T, F: Future<Output = T>> Started<T, F> {
    /// Waits for the end.
    pub(crate) async fn end(self) -> T {
        match self {
            Self::Done(done) => done,
            Self::Running(running) | Self::Waiting(running) => running.await,
        }
    }
}

impl<T, F> fmt::Debug for Started<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done(_) => "Done",
            Self::Running(_) => "Running",
            Self::Waiting(_) => "Waiting",
        })
    }
}

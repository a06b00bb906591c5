//! What has begun: done already, or not yet.

use std::fmt;
use std::pin::Pin;

use crate::function::reply::Outcome;

/// A call, or a part of one, that has begun and gives a `T`.
pub enum Started<T = Outcome, F = Pin<Box<dyn Future<Output = T> + Send>>> {
    /// It ran to its end at once.
    Done(T),
    /// It runs, or has yet to begin: nobody has polled it.
    Running(F),
    /// It was polled once, and waits for something: whoever polls it next is who is woken.
    Waiting(F),
}

/// The rest of a call.
pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

impl<T, F: Future<Output = T>> Started<T, F> {
    /// What comes of it.
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

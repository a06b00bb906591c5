//! The future of an entry that is appended to a log.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::host::backplane::error::BackplaneError;

/// The future of an entry that is appended to a log, from [`Backplane::append`](crate::backplane::Backplane::append).
///
/// It resolves when the engine has stored the entry. The entry has its place in the order before this future exists.
///
/// # Cancel safety
///
/// Dropping the future does not take the entry back.
///
/// ```
/// use devtools_runtime::backplane::{Appended, Backplane, InProcess, Message};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let appended: Appended = InProcess::new().append("docs", Message::default());
/// appended.await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an error says that other processes may not receive the entry"]
pub struct Appended(State);

enum State {
    /// The result is known. It is taken when the future resolves.
    Done(Result<(), BackplaneError>),
    Waiting(Pin<Box<dyn Future<Output = Result<(), BackplaneError>> + Send>>),
}

impl Appended {
    /// Makes a future that resolves at once.
    pub fn done(result: Result<(), BackplaneError>) -> Self {
        Self(State::Done(result))
    }

    /// Makes a future that resolves with `stored`.
    pub fn waiting(
        stored: impl Future<Output = Result<(), BackplaneError>> + Send + 'static,
    ) -> Self {
        Self(State::Waiting(Box::pin(stored)))
    }
}

impl Future for Appended {
    type Output = Result<(), BackplaneError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Done(result) => Poll::Ready(std::mem::replace(result, Ok(()))),
            State::Waiting(stored) => stored.as_mut().poll(context),
        }
    }
}

impl fmt::Debug for Appended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            State::Done(_) => "an entry that is stored, or was refused",
            State::Waiting(_) => "an entry that is not stored yet",
        })
    }
}

//! Detection of a dead connection by pings.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// A timer for pings that also detects that nothing arrived since the last ping.
#[derive(Debug)]
pub(crate) struct KeepAlive {
    every: Duration,
    next: Pin<Box<Sleep>>,
    heard: bool,
}

/// The action that is due now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Send a ping.
    Ping,
    /// End the connection: nothing has arrived since the last ping.
    Dead,
}

impl KeepAlive {
    pub(crate) fn new(every: Duration) -> Self {
        Self {
            every,
            next: Box::pin(sleep(every)),
            heard: true,
        }
    }

    /// Notes that something has arrived from the other side.
    pub(crate) fn heard(&mut self) {
        self.heard = true;
    }

    pub(crate) fn poll_due(&mut self, context: &mut Context<'_>) -> Poll<Due> {
        ready!(self.next.as_mut().poll(context));
        if !std::mem::take(&mut self.heard) {
            return Poll::Ready(Due::Dead);
        }
        self.next.as_mut().reset(Instant::now() + self.every);
        // Polling the timer again registers the waker for the next interval.
        let _ = self.next.as_mut().poll(context);
        Poll::Ready(Due::Ping)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::{Due, KeepAlive};

    #[tokio::test(start_paused = true)]
    async fn silence_for_a_whole_interval_is_death() {
        let mut keep_alive = KeepAlive::new(Duration::from_secs(30));
        for _ in 0..3 {
            assert_eq!(
                poll_fn(|context| keep_alive.poll_due(context)).await,
                Due::Ping
            );
            keep_alive.heard();
        }
        assert_eq!(
            poll_fn(|context| keep_alive.poll_due(context)).await,
            Due::Ping
        );
        assert_eq!(
            poll_fn(|context| keep_alive.poll_due(context)).await,
            Due::Dead
        );
    }
}

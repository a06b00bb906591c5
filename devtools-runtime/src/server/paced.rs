//! A stream that ends the connection of a client that reads too slowly. When it is shut down, it discards the bytes
//! that the client still sends.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a client that has its answer may go on sending.
const DRAINING: Duration = Duration::from_secs(5);

/// The number of bytes that are discarded at once.
const DISCARDED_AT_ONCE: usize = 8 * 1024;

/// The lowest rate at which a client may send or read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The period over which the rate is measured.
    pub(crate) patience: Duration,
    /// The lowest rate, in bytes per second.
    pub(crate) least_rate: u32,
}

impl Pace {
    /// Returns whether a client that has sent or read `bytes` within `patience` is fast enough.
    pub(crate) fn is_kept_by(self, bytes: u64) -> bool {
        let least = self
            .patience
            .as_secs()
            .saturating_mul(u64::from(self.least_rate));
        bytes > least
    }

    /// Returns the end of a period that begins now.
    pub(crate) fn end_of_period(self) -> Instant {
        Instant::now() + self.patience.max(Duration::from_millis(1))
    }
}

/// A stream that fails if its other side reads more slowly than a [`Pace`].
pub(crate) struct Paced<S> {
    stream: S,
    pace: Pace,
    /// The current measurement. `None` if no bytes wait for the other side.
    waiting: Option<ReadPeriod>,
    /// Whether no more is written.
    is_shut_down: bool,
    /// The end of the time for which bytes of the client are discarded. `None` before the first of them.
    draining: Option<Pin<Box<Sleep>>>,
}

/// A measurement of how much the other side reads.
struct ReadPeriod {
    deadline: Pin<Box<Sleep>>,
    /// The bytes that the other side has read in this period.
    read: u64,
}

impl<S> Paced<S> {
    pub(crate) fn new(stream: S, pace: Pace) -> Self {
        Self {
            stream,
            pace,
            waiting: None,
            is_shut_down: false,
            draining: None,
        }
    }

    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// Measures the result of a write, and fails if the other side reads too slowly.
    fn poll_measured(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some(waiting) = &mut self.waiting {
                    waiting.read = waiting.read.saturating_add(bytes as u64);
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let pace = self.pace;
                let waiting = self.waiting.get_or_insert_with(|| ReadPeriod {
                    deadline: Box::pin(sleep(pace.patience)),
                    read: 0,
                });
                loop {
                    ready!(waiting.deadline.as_mut().poll(context));
                    if !pace.is_kept_by(waiting.read) {
                        let problem =
                            "the client reads its response more slowly than the limit `least_rate`";
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, problem)));
                    }
                    waiting.read = 0;
                    waiting.deadline.as_mut().reset(pace.end_of_period());
                }
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Paced<S> {
    /// Discards the bytes that the client has sent and that no handler has read, such as the rest of a body that was
    /// refused. The operating system would reset a connection that is closed with unread bytes, and the client, which
    /// is still sending, might never see its answer.
    fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut buffer = [0; DISCARDED_AT_ONCE];
        loop {
            let mut discarded = ReadBuf::new(&mut buffer);
            match Pin::new(&mut self.stream).poll_read(context, &mut discarded) {
                Poll::Ready(Ok(())) if !discarded.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                // If there were no unread bytes, there is nothing to wait for.
                Poll::Pending => match &mut self.draining {
                    None => return Poll::Ready(()),
                    Some(end) => return end.as_mut().poll(context),
                },
            }
            let end = self
                .draining
                .get_or_insert_with(|| Box::pin(sleep(DRAINING)));
            if end.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_measured(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(context));
        // hyper flushes when it has written everything.
        self.waiting = None;
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut_down {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.is_shut_down = true;
        }
        self.poll_drained(context).map(Ok)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.poll_measured(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::sleep;

    use super::{DRAINING, Pace, Paced};

    const PACE: Pace = Pace {
        patience: Duration::from_secs(30),
        least_rate: 1000,
    };

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_is_disconnected() {
        let (near, _far) = tokio::io::duplex(100);
        let mut near = Paced::new(near, PACE);
        let error = near.write_all(&[0; 101]).await.unwrap_err();
        assert!(
            error.to_string().contains("the limit `least_rate`"),
            "{error}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_slow_is_not_and_who_is_too_slow_is() {
        for (rate, is_enough) in [(1100, true), (900, false)] {
            let (near, mut far) = tokio::io::duplex(100);
            let mut near = Paced::new(near, PACE);
            let reading = tokio::spawn(async move {
                let mut buffer = [0; 100];
                while far.read_exact(&mut buffer).await.is_ok() {
                    sleep(Duration::from_millis(100 * 1000 / rate)).await;
                }
            });
            let written = near.write_all(&vec![0; 200_000]).await;
            assert_eq!(written.is_ok(), is_enough, "{rate}");
            reading.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_client_still_sends_is_read_for_a_while() {
        let (near, mut far) = tokio::io::duplex(100);
        let mut near = Paced::new(near, PACE);
        far.write_all(b"a").await.unwrap();
        let sending = tokio::spawn(async move {
            let sent = far.write_all(&[0; 10_000]).await.is_ok();
            let mut answer = Vec::new();
            far.read_to_end(&mut answer).await.unwrap();
            (sent, answer)
        });
        near.write_all(b"no").await.unwrap();
        near.shutdown().await.unwrap();
        drop(near);
        let (sent, answer) = sending.await.unwrap();
        assert_eq!((sent, &*answer), (true, &b"no"[..]));

        // A client that sends nothing is not waited for, and one that never ends is given up.
        for sends in [false, true] {
            let (near, mut far) = tokio::io::duplex(100);
            let mut near = Paced::new(near, PACE);
            if sends {
                far.write_all(b"a").await.unwrap();
            }
            let begun = tokio::time::Instant::now();
            near.shutdown().await.unwrap();
            let waited = if sends { DRAINING } else { Duration::ZERO };
            assert_eq!(begun.elapsed().as_secs(), waited.as_secs());
            drop(far);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_without_anything_to_take_does_not_count() {
        let (near, mut far) = tokio::io::duplex(100);
        let mut near = Paced::new(near, PACE);
        for _ in 0..5 {
            near.write_all(&[0; 100]).await.unwrap();
            near.flush().await.unwrap();
            sleep(Duration::from_secs(100)).await;
            far.read_exact(&mut [0; 100]).await.unwrap();
        }
    }
}

//! The counters of one connection.
//!
//! Only the connection's driver writes them, so counting is a load and a store, without an atomic read-modify-write. Any
//! task may read them at any time without waiting: each number is right, but two of them may be of slightly different
//! moments.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

/// A number that one task writes and all tasks may read.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

/// The counters of one connection, which its driver writes.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) calls: Counter,
    pub(crate) calls_running: Counter,
    pub(crate) events: Counter,
    pub(crate) frames_read: Counter,
    pub(crate) bytes_read: Counter,
    pub(crate) frames_written: Counter,
    pub(crate) bytes_written: Counter,
    pub(crate) frames_unreadable: Counter,
    pub(crate) frames_too_large: Counter,
    pub(crate) handlers_timed_out: Counter,
    pub(crate) reading_paused: Counter,
}

impl Counter {
    /// Adds to the number. Only the one task that writes it may call this.
    pub(crate) fn add(&self, more: u64) {
        self.set(self.get() + more);
    }

    /// Sets the number. Only the one task that writes it may call this.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// Counts a frame of this length that has arrived.
    pub(crate) fn read(&self, len: usize) {
        self.frames_read.add(1);
        self.bytes_read.add(len as u64);
    }

    /// Counts a frame of this length that was handed to the transport.
    pub(crate) fn written(&self, len: usize) {
        self.frames_written.add(1);
        self.bytes_written.add(len as u64);
    }

    /// Returns the numbers of this moment. `queued` is the number of bytes in the connection's queue.
    pub(crate) fn stats(&self, queued: usize) -> SessionStats {
        SessionStats {
            calls: self.calls.get(),
            calls_running: self.calls_running.get(),
            events: self.events.get(),
            frames_read: self.frames_read.get(),
            bytes_read: self.bytes_read.get(),
            frames_written: self.frames_written.get(),
            bytes_written: self.bytes_written.get(),
            bytes_queued: queued as u64,
            frames_unreadable: self.frames_unreadable.get(),
            frames_too_large: self.frames_too_large.get(),
            handlers_timed_out: self.handlers_timed_out.get(),
            reading_paused: self.reading_paused.get(),
        }
    }
}

/// The statistics of a session since it began, from [`RpcSession::stats`](crate::RpcSession::stats).
///
/// Reading them costs a few atomic loads and does not slow the session down. A function may return this type: its keys are
/// written in `camelCase`.
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # devtools.context().rpc().register(define_rpc_function("my-plugin:ping").handler(|| true))?;
/// let rpc = devtools.client();
/// assert!(rpc.call_dynamic::<bool>("my-plugin:ping", ()).await?);
///
/// let session = devtools.context().rpc().sessions().remove(0);
/// assert_eq!(session.stats().calls, 1);
/// assert_eq!(session.stats().calls_running, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SessionStats {
    /// Calls that arrived, including calls of functions that do not exist.
    pub calls: u64,
    /// Calls and events whose handlers are waiting for something now.
    pub calls_running: u64,
    /// Events that arrived.
    pub events: u64,
    /// Frames that arrived.
    pub frames_read: u64,
    /// The bytes of text in those frames, without the overhead of the transport.
    pub bytes_read: u64,
    /// Frames that were handed to the transport.
    pub frames_written: u64,
    /// The bytes of text in those frames.
    pub bytes_written: u64,
    /// The bytes of [`Limits::queued_bytes`](crate::Limits::queued_bytes) that frames waiting to be written take now.
    pub bytes_queued: u64,
    /// Frames that arrived and were dropped, because they were not valid envelopes.
    pub frames_unreadable: u64,
    /// Frames over [`Limits::frame_bytes`](crate::Limits::frame_bytes): a frame that arrived and so ended its WebSocket,
    /// and replies that were replaced by errors.
    pub frames_too_large: u64,
    /// Handlers that were dropped after [`Limits::handler_timeout`](crate::Limits::handler_timeout).
    pub handlers_timed_out: u64,
    /// How often reading was paused, because the calls had reached
    /// [`Limits::calls_in_flight`](crate::Limits::calls_in_flight), and the requests behind them
    /// [`Limits::waiting_bytes`](crate::Limits::waiting_bytes).
    pub reading_paused: u64,
}

impl SessionStats {
    /// Adds the statistics of another session, including the numbers that describe the present.
    pub(crate) fn add(&mut self, other: &Self) {
        let Self {
            calls,
            calls_running,
            events,
            frames_read,
            bytes_read,
            frames_written,
            bytes_written,
            bytes_queued,
            frames_unreadable,
            frames_too_large,
            handlers_timed_out,
            reading_paused,
        } = other;
        self.calls += calls;
        self.calls_running += calls_running;
        self.events += events;
        self.frames_read += frames_read;
        self.bytes_read += bytes_read;
        self.frames_written += frames_written;
        self.bytes_written += bytes_written;
        self.bytes_queued += bytes_queued;
        self.frames_unreadable += frames_unreadable;
        self.frames_too_large += frames_too_large;
        self.handlers_timed_out += handlers_timed_out;
        self.reading_paused += reading_paused;
    }

    /// Returns the part that remains true after the session has ended: nothing runs or waits there any more.
    pub(crate) fn ended(self) -> Self {
        Self {
            calls_running: 0,
            bytes_queued: 0,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counters, SessionStats};

    #[test]
    fn sums_hold_everything_and_the_ended_run_nothing() {
        let counters = Counters::default();
        counters.calls.add(2);
        counters.calls_running.set(1);
        counters.read(10);
        counters.read(20);
        counters.written(5);
        let stats = counters.stats(7);
        let read = (stats.frames_read, stats.bytes_read);
        let written = (stats.frames_written, stats.bytes_written);
        assert_eq!((read, written), ((2, 30), (1, 5)));
        let mut sum = SessionStats::default();
        sum.add(&stats);
        sum.add(&stats.ended());
        assert_eq!((sum.calls, sum.bytes_read), (4, 60));
        assert_eq!((sum.calls_running, sum.bytes_queued), (1, 7));
        let json = serde_json::to_value(sum).unwrap();
        assert_eq!(json["framesRead"], 4);
    }
}

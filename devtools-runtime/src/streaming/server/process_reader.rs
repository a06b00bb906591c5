//! Another process that reads a stream of this one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::streaming::options::RelayOptions;
use crate::streaming::server::batch::Batch;
use crate::streaming::server::channels::Channels;
use crate::streaming::server::joining::Leaving;
use crate::streaming::server::stream::StreamCore;
use crate::streaming::server::subscriber::Inquiry;

/// The number of the next process that reads a stream. Sessions have smaller numbers.
static NEXT: AtomicU64 = AtomicU64::new(1 << 63);

/// Another process that reads a stream of this one. It is a subscriber like any other. It leaves when this is dropped.
#[derive(Debug)]
pub(crate) struct ProcessReader {
    stream: Arc<StreamCore>,
    session: u64,
    inquiry: Arc<Inquiry>,
}

impl Channels {
    /// Returns the options of the channel, if this process has such a stream.
    pub(crate) fn find_stream(&self, channel: &str, id: &str) -> Option<RelayOptions> {
        let channel = self.get(channel)?;
        channel.stream(id)?;
        Some(RelayOptions::from(&channel.settings.options))
    }

    /// Adds another process as a reader of a stream. `after` is the last chunk that one of its subscribers has, or 0.
    pub(crate) fn read_stream(&self, channel: &str, id: &str, after: u64) -> Option<ProcessReader> {
        let stream = self.get(channel)?.stream(id)?;
        let session = NEXT.fetch_add(1, Ordering::Relaxed);
        let inquiry = stream.subscribe_process(session, after);
        Some(ProcessReader {
            stream,
            session,
            inquiry,
        })
    }
}

impl ProcessReader {
    /// Returns the next chunks, of about `bytes` bytes. The process has those up to `after`, which is `None` when it begins. If there are
    /// none, it waits for one. Returns `None` if the process has left.
    pub(crate) async fn read(
        &self,
        after: Option<u64>,
        bytes: usize,
        wait: Duration,
    ) -> Option<Batch> {
        let deadline = Instant::now() + wait;
        loop {
            // Made before the attempt, so that no notification is missed.
            let arrived = self.inquiry.arrived.notified();
            if let Some(end) = self.inquiry.closed.lock().clone() {
                return Some(Batch {
                    through: after.unwrap_or_default(),
                    end: Some(end),
                    ..Batch::default()
                });
            }
            let batch = self.stream.read(self.session, after, bytes)?;
            let is_empty = batch.frames.is_empty() && batch.end.is_none();
            if !is_empty || wait.is_zero() || timeout_at(deadline, arrived).await.is_err() {
                return Some(batch);
            }
        }
    }

    /// Ends the reading, as a session of this process would.
    pub(crate) fn leave(&self, leaving: Leaving) {
        self.stream.leave(self.session, leaving);
    }
}

impl Drop for ProcessReader {
    fn drop(&mut self) {
        // Has no effect if it has left.
        self.leave(Leaving::Disconnected);
    }
}
